"""What a sound home keeps of models, rehearsals and figures; and ways to break one thing of it, each for real."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from msgspec.structs import replace

from engine.clock import NS_PER_S, SystemClock
from engine.folders import Folders
from engine.ports.secrets import Secrets
from engine.preflight.backups_kept import backup_facts
from engine.preflight.facts import DAY_NS, Facts, LiveFacts
from engine.preflight.figures import PLACE, keep_figures, read_figures
from engine.preflight.models_kept import model_facts
from engine.preflight.operation_facts import Figure, TimerFacts
from engine.preflight.rehearsals import rollback_facts
from engine.preflight.secrets_kept import audit_facts
from engine.security.model_keys import load_or_make_model_keys
from engine.settings.signals import SignalSettings
from engine.shell.rollback import STEPS, How, Rollbacks, new_file
from engine.signals.features.sets import feature_set
from engine.signals.models.schema import Linear
from engine.signals.registry.registry import Registry
from engine.signals.statistics.reference import Reference
from tests.documented import ROOT
from tests.model_bench import good, linear, put_source

if TYPE_CHECKING:
    from tests.preflight_bench import Bench, Break

SET: Final = feature_set("bars-12", 60 * NS_PER_S).id
RUNS: Final = ("load", "soak", "bench gateway", "bench stream", "bench journal_load", "bench reopen")


def put_champion(
    data: Path, secrets: Secrets, root: Path, set_id: str = SET, **card: Any
) -> tuple[str, Path]:
    """Let a model become champion; return its version, and where it lies."""
    keys, _ = load_or_make_model_keys(secrets)
    registry, source = Registry(data, keys, SystemClock()), root / "source"
    model: Linear = replace(linear(), feature_set=set_id)
    put_source(source, model, feature_set=set_id, **card)
    names = {name: [float(n % 97) for n in range(300)] for name in model.features}
    if not card.get("about", "").startswith("bare"):
        (source / "reference.json").write_text(Reference.of(names).to_json(), encoding="utf-8")
    version = registry.add("daily", source, "ann")
    registry.promote("daily", version, "ann", "looks well")
    registry.promote("daily", version, "ann", "did well", good(version))
    return version, data / "models" / "daily" / version


def rehearse(
    folders: Folders, clock: SystemClock | None = None, but: Mapping[int, How] | None = None
) -> None:
    """Walk through a rollback, as `touchline rollback` keeps it; a bundle and a post-mortem are left behind."""
    rollbacks = Rollbacks(folders, clock or SystemClock())
    with rollbacks.held():
        current = rollbacks.begin("a rehearsal")
        for number in range(1, len(STEPS) + 1):
            current, _ = rollbacks.take(current, number, (but or {}).get(number, How.DONE), "well")
    new_file(rollbacks.folder, "20260106T120000Z", ".tar.gz", "a bundle")
    new_file(rollbacks.folder, "post-mortem-20260106", ".md", "# Post-mortem")


def measure(checkout: Path, met: bool | None = True, runs: tuple[str, ...] = RUNS) -> None:
    """Keep figures as runs of the benchmarks, the load and the soak do."""
    row = Figure(name="errors", value=0.0, unit="%", goal="<= 0.1 %", met=met)
    keep_figures(checkout / PLACE, ROOT, SystemClock().now_ns(), dict.fromkeys(runs, (row,)))


def _measured(**changes: Any) -> Break:
    def broken(b: Bench) -> Facts:
        runs = {name: replace(run, **changes) for name, run in b.facts.figures.items()}
        return replace(b.facts, figures=runs)

    return broken


def _missed(b: Bench) -> Facts:
    measure(b.scratch, met=False)
    return replace(b.facts, figures=read_figures(b.scratch / PLACE))


def _not_held_against(b: Bench) -> Facts:
    measure(b.scratch, met=None)
    return replace(b.facts, figures=read_figures(b.scratch / PLACE))


def _unreadable(b: Bench) -> Facts:
    (b.scratch / "figures.json").write_text("[]", encoding="utf-8")
    return replace(b.facts, figures=read_figures(b.scratch / "figures.json"))


_FIGURES: Final[tuple[Break, ...]] = (
    _missed,
    _not_held_against,
    _unreadable,
    _measured(version="0.0.9"),
    _measured(machine="8 x another, 64 GB, Linux, 00000000"),
    _measured(rooms={}),
    _measured(made_ns=SystemClock().now_ns() - 100 * DAY_NS),
    _measured(made_ns=SystemClock().now_ns() + 100 * DAY_NS),
)


def _rolled(change: Callable[[Bench], object], at_ns: int = 0) -> Break:
    """Return a break of what a rehearsal left behind, in a home of its own."""

    def broken(b: Bench) -> Facts:
        shutil.copytree(b.home.folders.data / "rollback", b.folders.data / "rollback")
        change(b)
        entries = audit_facts(b.home.folders).entries
        if at_ns:
            entries = [replace(entry, time_ns=at_ns) for entry in entries]
        return replace(b.facts, rollback=rollback_facts(b.folders, entries))

    return broken


def _rehearsed_anew(number: int) -> tuple[Break, ...]:
    def never(b: Bench) -> Facts:
        return replace(b.facts, rollback=rollback_facts(b.folders, []))

    def left_out(b: Bench) -> Facts:
        rehearse(b.folders, but={number: How.LEFT_OUT})
        return replace(b.facts, rollback=rollback_facts(b.folders, audit_facts(b.folders).entries))

    dated = (_rolled(lambda _: None, at_ns=SystemClock().now_ns() + days * DAY_NS) for days in (-200, +200))
    return never, left_out, *dated


def _remove(shape: str) -> Callable[[Bench], object]:
    def remove(b: Bench) -> None:
        for path in (b.folders.data / "rollback").glob(shape):
            path.unlink()

    return remove


def _goes_on(b: Bench) -> object:
    rollbacks = Rollbacks(b.folders, SystemClock())
    return rollbacks.take(rollbacks.begin("again"), 1, How.DONE, "well")


def _damaged_progress(b: Bench) -> object:
    return (b.folders.data / "rollback" / "progress.json").write_bytes(b"{")


def _no_way_back(b: Bench) -> Facts:
    b.patch.setattr("engine.preflight.rehearsals.PROGRAMS", {"0.0.9": {"journal": 0, "operators": 1}})
    return _rolled(lambda _: None)(b)


def _no_migration(b: Bench) -> Facts:
    b.patch.setattr("engine.preflight.rehearsals.PROGRAMS", {"0.0.9": {"journal": -1, "operators": 1}})
    return _rolled(lambda c: (c.folders.data / "rollback" / "touchline-0.0.9-py3-none-any.whl").touch())(b)


def _cut_manifest(folder: Path) -> None:
    path = next(folder.glob("*.manifest"))
    path.write_bytes(path.read_bytes()[:-1])


def damaged_backup(b: Bench) -> Facts:
    """Cut a byte off a manifest, which is sealed still by its beginning."""
    return b.kept(_cut_manifest)


def stopped_timer(b: Bench) -> Facts:
    """Have systemd there, and its timer stopped."""
    timer = TimerFacts(manager=True, state="inactive")
    return replace(b.facts, backups=backup_facts(b.home.folders, b.facts.settings, b.home.vault, timer))


def without_models(b: Bench) -> Facts:
    return b.kept(lambda folder: shutil.rmtree(folder.parent / "models"))


def _model(change: Callable[[Path, str, Path], object], set_id: str = SET, **card: Any) -> Break:
    """Return a break of a champion, in a data folder of its own."""

    def broken(b: Bench) -> Facts:
        data = b.scratch / "models-data"
        data.mkdir(mode=0o700)
        version, place = put_champion(data, b.home.vault, b.scratch, set_id, **card)
        change(data, version, place)
        return replace(b.facts, models=model_facts(data, b.home.vault))

    return broken


def _changed(name: str) -> Callable[[Path, str, Path], object]:
    return lambda _data, _version, place: (place / name).write_bytes(b"{}")


def _no_key(b: Bench) -> Facts:
    return replace(b.facts, models=model_facts(b.home.folders.data, None))


def _torn_registry(data: Path, version: str, place: Path) -> None:
    del version, place
    (data / "models.sqlite3").write_bytes(b"no registry")


def _leave(*_: object) -> None:
    """Leave it as it is: its card is what is wrong."""


def _none(b: Bench) -> Facts:
    return replace(b.facts, models=model_facts(b.scratch, b.home.vault))


def _named_in_settings(b: Bench) -> Facts:
    signals = (SignalSettings(model="nobody-made-it"),)
    return replace(b.facts, settings=replace(b.facts.settings, signals=signals))


def exported(name: str, value: float, labels: str = "") -> Break:
    """Return what an engine that runs says of the champion."""

    def broken(b: Bench) -> Facts:
        series = f'touchline_signal_{name}{{model="daily"{labels}}}'
        return replace(b.facts, live=LiveFacts(metrics={series: value}))

    return broken


_CHAMPION: Final = _model(_changed("model.json"))
KEPT_BREAKS: Final[Mapping[str, tuple[Break, ...]]] = {
    **dict.fromkeys(("PERF-1", "PERF-2", "PERF-3", "PERF-4", "PERF-8"), _FIGURES),
    **{f"ROLL-{number}": _rehearsed_anew(number) for number in (1, 3, 9, 10, 11)},
    "ROLL-2": (*_rehearsed_anew(2), _rolled(_remove("*.tar.gz"))),
    "ROLL-4": (*_rehearsed_anew(4), _no_way_back, _no_migration),
    "ROLL-5": (*_rehearsed_anew(5), damaged_backup, lambda b: b.audited()),
    "ROLL-6": _rehearsed_anew(6),
    "ROLL-7": (*_rehearsed_anew(7), _rolled(_goes_on), _rolled(_damaged_progress)),
    "ROLL-8": (*_rehearsed_anew(8), _rolled(_remove("*.md"))),
    "ML-1": (_none, _no_key, _model(_torn_registry), _named_in_settings),
    "ML-2": (_CHAMPION, _model(_changed("manifest.json"))),
    "ML-3": (_CHAMPION, _none),
    "DP-1": (_CHAMPION, _model(_leave, set_id="0000000000000000")),
    "DP-3": (
        _CHAMPION,
        _model(_leave, data_rows=40),
    ),
    "ML-4": (_CHAMPION, exported("failing", 1.0), exported("demoted", 1.0)),
    "DP-4": (
        exported("drift_level", 2.0, ',of="rows"'),
        _CHAMPION,
        _model(_leave, about="bare of a reference that drift is measured against"),
    ),
}
"""By the ids of their items."""
