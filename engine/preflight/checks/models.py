"""Models: the registry, what counts in it, and what that was trained on."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

from engine.preflight.checks.check import Check, Checks, proved
from engine.preflight.facts import Facts
from engine.preflight.found import Found, Status, failed, judged, passed, unset, waits
from engine.preflight.operation_facts import ChampionFacts

DATA_ROWS_MIN: Final = 1_000
_NAMED_MAX: Final = 3
_DRIFTED: Final = 2
"""From this level on drift is an alarm."""
_VERIFY: Final = "touchline models verify NAME VERSION; touchline models rollback leads to one that verifies"


def _registered(judge: Check) -> Check:
    """Return a check of a registry that holds something, and can be believed."""

    def check(facts: Facts) -> Found:
        found = facts.models
        if found.trouble:
            return failed(found.trouble, "touchline models list; touchline restore puts the registry back")
        if not found.versions:
            return unset("no model is registered, so none takes part", "touchline models add DIR --name NAME")
        return judge(facts)

    return check


def _of_champions(trouble_of: Callable[[ChampionFacts, Facts], str], evidence: str, remedy: str) -> Check:
    """Return a check of what counts: one that does not verify is told, whatever else is asked about it."""

    def check(facts: Facts) -> Found:
        found = facts.models
        if found.champions_broken:
            return failed(f"a champion does not verify: {_some(found.champions_broken)}", _VERIFY)
        if not found.champions:
            return unset("no version is champion, so none counts", "touchline models promote NAME VERSION")
        wrong = tuple(
            f"{each.name} {each.version}: {trouble}"
            for each in found.champions
            if (trouble := trouble_of(each, facts))
        )
        told = "; ".join(_told(each, evidence) for each in found.champions[:_NAMED_MAX])
        return judged(well=not wrong, evidence=_some(wrong) or told, remedy=remedy)

    return _registered(check)


def _told(champion: ChampionFacts, form: str) -> str:
    return f"{champion.name} {champion.version}: " + form.format(c=champion)


def _some(texts: tuple[str, ...]) -> str:
    more = len(texts) - _NAMED_MAX
    return "; ".join(texts[:_NAMED_MAX]) + (f"; and {more} more" if more > 0 else "")


def _registry(facts: Facts) -> Found:
    found = facts.models
    strangers = sorted({each.model for each in facts.settings.signals} - found.registered)
    if strangers:
        return failed(
            f"[[signals]] names {', '.join(strangers)}, which nobody registered", "touchline models list"
        )
    return passed(
        f"{found.versions} versions of {len(found.registered)} models; every event is signed and chained"
    )


def _versions(facts: Facts) -> Found:
    broken = (*facts.models.champions_broken, *facts.models.unproven)
    told = f"{facts.models.versions} versions; each that may be used is what was signed"
    return judged(well=not broken, evidence=_some(broken) or told, remedy=f"{_VERIFY}, or touchline restore")


def _watched(facts: Facts) -> Found:
    """A champion went up by what was measured of it; how it does since then an engine that runs says, else a person."""
    found = facts.models
    if found.champions_broken:
        return failed(f"a champion does not verify: {_some(found.champions_broken)}", _VERIFY)
    if not found.champions:
        return unset("no version is champion, so none is watched", "touchline models promote NAME VERSION")
    if ill := [*_series(facts, "failing", 0), *_series(facts, "demoted", 0)]:
        return failed(
            f"the engine that runs: {_some(tuple(ill))}", "touchline models list; touchline incidents"
        )
    if scored := _series(facts, "matured_total"):
        ratios = _series(facts, "hit_ratio")
        return passed(f"the engine that runs scores them: {_some((*scored, *ratios))}")
    told = "; ".join(
        f"{each.name} {each.version}, {', '.join(f'{k} {v}' for k, v in each.gates.items()) or 'no gate'}"
        for each in found.champions[:_NAMED_MAX]
    )
    return waits(
        f"what was found when it went up: {told}; how it does since then can't be seen here",
        "touchline signoff ML-4 --as risk",
    )


def _set_trouble(champion: ChampionFacts, facts: Facts) -> str:
    if champion.feature_set in facts.models.feature_sets:
        return ""
    return f"it takes the feature set {champion.feature_set}, which this program does not work out"


def _training_trouble(champion: ChampionFacts, facts: Facts) -> str:
    del facts
    if champion.alarms:
        return f"looks like a leak: {', '.join(champion.alarms)}"
    if not champion.figures:
        return "its card has no figure out of sample"
    if champion.data_rows < DATA_ROWS_MIN:
        return f"trained on {champion.data_rows:,} rows; expected {DATA_ROWS_MIN:,} at least"
    return ""


def _drift_trouble(champion: ChampionFacts, facts: Facts) -> str:
    del facts
    return champion.reference_trouble


_AGAINST: Final = _of_champions(
    _drift_trouble,
    "drift is measured against reference.json",
    "train it anew, with the reference that it needs",
)
_RULES: Final = proved(
    "development",
    ("engine/signals",),
    ("tests.unit.engine.test_signals_bar_checks", "tests.unit.engine.test_signals_tick_checks"),
)


def _drifts(facts: Facts) -> Found:
    if ill := _series(facts, "drift_level", _DRIFTED - 1):
        return failed(f"the engine that runs: {_some(tuple(ill))}", "touchline models rollback NAME VERSION")
    return _AGAINST(facts)


def _series(facts: Facts, name: str, above: float = -math.inf) -> list[str]:
    """Return what an engine that runs exports of a figure of signals, where it is above that."""
    metrics = facts.live.metrics if facts.live is not None else {}
    whole = f"touchline_signal_{name}{{"
    return [f"{key} {value:g}" for key, value in metrics.items() if key.startswith(whole) and value > above]


def _validated(facts: Facts) -> Found:
    """The rules are proved by tests; that somebody ran them over the training data, a person says."""
    found = _RULES(facts)
    return found if found.status is not Status.PASS else passed(f"{found.evidence}; touchline data check")


CHECKS: Final[Checks] = {
    "ML-1": _registered(_registry),
    "ML-2": _registered(_versions),
    "ML-3": _of_champions(
        lambda _champion, _facts: "",
        "loaded, golden rows come out alike, p99 {c.p99_us:.1f} us",
        _VERIFY,
    ),
    "ML-4": _registered(_watched),
    "DP-1": _of_champions(
        _set_trouble,
        "takes the feature set {c.feature_set}, which this program works out",
        "train it anew on a set that touchline features --list has",
    ),
    "DP-2": _registered(_validated),
    "DP-3": _of_champions(
        _training_trouble,
        "{c.data_rows:,} rows, out of sample {c.figures}, no alarm of a leak",
        "touchline data check FILE, then train it anew; touchline models rollback meanwhile",
    ),
    "DP-4": _registered(_drifts),
}
