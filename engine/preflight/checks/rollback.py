"""Going back to the version before: what was rehearsed, and what is there for it."""

from __future__ import annotations

from typing import Final

from engine.messages.commands import TradingState
from engine.preflight.checks.check import Check, Checks, documented
from engine.preflight.checks.storage import DRILL_DAYS_MAX
from engine.preflight.facts import DAY_NS, Facts
from engine.preflight.found import Found, Status, failed, passed, waits

REHEARSED_DAYS_MAX: Final = 180.0
_REHEARSE: Final = 'touchline rollback --reason "a rehearsal"'
_PAGE: Final = "rollback.md"
STEPS: Final = (
    "Stop new orders",
    "Preserve logs and metrics",
    "Tell who has to know",
    "Go back to the version before",
    "Restore the account",
    "Verify",
    "Resume",
    "Hold the post-mortem",
    "Change the procedures",
    "Plan what is corrected",
    "Have it authorised",
)


def _stops(facts: Facts) -> str:
    """Return why a halt would not be heard or kept; empty where it would."""
    if facts.live is None:
        return ""
    if facts.live.trouble:
        return facts.live.trouble
    status = facts.live.status
    latch = status.trading.latch if status is not None else "the engine did not say how trading stands"
    return f"the file that keeps the halts: {latch}" if latch else ""


def _preserves(facts: Facts) -> str:
    made_ns = facts.rollback.bundle_ns
    if not made_ns:
        return "no support bundle of a rollback is kept"
    return "" if facts.backups.newest_ns else f"{facts.backups.folder} holds no backup"


def _goes_back(facts: Facts) -> str:
    found = facts.rollback
    if not found.version_before:
        return ""
    if not found.migrates:
        return f"no migration leads back to what {found.version_before} reads"
    place = facts.folders.data / "rollback"
    return "" if found.kept else f"{place} holds no file that installs {found.version_before}"


def _restores(facts: Facts) -> str:
    if facts.backups.damaged:
        return f"does not open: {facts.backups.damaged[0]}"
    if not facts.audit.drilled_ns:
        return "no backup was ever restored as a drill"
    when = facts.audit.drilled_ns
    return "" if facts.is_fresh(when, DRILL_DAYS_MAX) else f"the last drill was {facts.ago(when)}"


def _verifies(facts: Facts) -> str:
    return facts.audit.trouble


def _resumes(facts: Facts) -> str:
    if facts.rollback.left:
        return f"a rollback goes on: step {facts.rollback.left} is left"
    status = facts.live.status if facts.live is not None else None
    if status is not None and status.trading.everything.state is not TradingState.ACTIVE:
        return f"trading is still {status.trading.everything.state.value}"
    return ""


def _looked_back(facts: Facts) -> str:
    made_ns, step = facts.rollback.post_mortem_ns, facts.rollback.steps.get(8)
    if not made_ns or (step is not None and made_ns < step.at_ns - DAY_NS):
        return "no post-mortem of it is kept"
    return ""


def _nothing_more(facts: Facts) -> str:
    del facts
    return ""


_HOLDS: Final = (
    _stops,
    _preserves,
    _nothing_more,
    _goes_back,
    _restores,
    _verifies,
    _resumes,
    _looked_back,
    _nothing_more,
    _nothing_more,
    _nothing_more,
)

_REMEDIES: Final = {
    1: "touchline, or touchline serve, starts an engine; touchline status says how its halts are kept",
    2: "touchline backup; " + _REHEARSE,
    4: "pip wheel --no-deps, in a checkout of that version, into the folder rollback of the data",
    5: "touchline backup --base, then touchline drill",
    6: "touchline audit verify",
    7: "touchline rollback goes on; touchline resume --reason TEXT lets trading go on",
    8: "touchline rollback --post-mortem",
}


def _step(number: int) -> Check:
    """Return a check that a step is described, was rehearsed, and that what it needs is there."""
    page = documented(_PAGE, f"## {number}. {STEPS[number - 1]}")
    trouble_of = _HOLDS[number - 1]

    def check(facts: Facts) -> Found:
        described = page(facts)
        if described.status is not Status.PASS:
            return described
        step = facts.rollback.steps.get(number)
        if step is None:
            return facts.missing(f"step {number} was never rehearsed", _REHEARSE)
        if not facts.is_fresh(step.at_ns, REHEARSED_DAYS_MAX):
            return failed(f"step {number} was rehearsed last {facts.ago(step.at_ns)}", _REHEARSE)
        if trouble := trouble_of(facts):
            return failed(trouble, _REMEDIES.get(number, _REHEARSE))
        told = f"{step.who} took it {facts.ago(step.at_ns, 1)}: {step.said}{_more(number, facts)}"
        if step.left_out:
            remedy = f"{_REHEARSE}; or touchline signoff ROLL-{number} --as operations"
            return waits(
                f"{step.who} left it out {facts.ago(step.at_ns, 1)}: {step.said}", remedy, basis=step.said
            )
        return passed(told)

    return check


def _more(number: int, facts: Facts) -> str:
    if number == 4:
        before = facts.rollback.version_before
        return (
            f"; kept: {', '.join(facts.rollback.kept)}" if before else "; no release is older than this one"
        )
    if number == 5:
        return f"; the last drill was {facts.ago(facts.audit.drilled_ns, 1)}"
    return ""


CHECKS: Final[Checks] = {f"ROLL-{number}": _step(number) for number in range(1, len(STEPS) + 1)}
