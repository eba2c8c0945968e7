"""What a person reads first after a crash: what was found, what happened meanwhile, what is left to decide."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from engine.clock import NS_PER_S
from engine.messages.comparison_views import ReconcilePhase, ReconcileView, RecoveryView

_SETTLED = frozenset({ReconcilePhase.AGREED, ReconcilePhase.DIFFERS})


def is_settled(view: ReconcileView | None) -> bool:
    """Return whether our book and the broker's were compared to the end."""
    return view is not None and view.phase in _SETTLED


def story(recovery: RecoveryView, view: ReconcileView) -> list[str]:
    """Return the lines of the page."""
    return [*_found(recovery), "", *_happened(view), "", *_left(view), *_stands(recovery)]


def is_worth_telling(recovery: RecoveryView) -> bool:
    """Return whether a person has to know what the start found."""
    return recovery.cut_short or bool(recovery.restored or recovery.flattens)


def _found(recovery: RecoveryView) -> Iterator[str]:
    when = datetime.fromtimestamp(recovery.last_ns // NS_PER_S, UTC)
    yield "The last session was cut short." if recovery.cut_short else "The last session ended on purpose."
    yield f"Its last record is of {when:%Y-%m-%d %H:%M:%S} UTC; {recovery.records:,} records were read back."
    if recovery.restored:
        yield f"It was restored from a backup at {recovery.restored}: the broker may know more than it does."
    if recovery.torn_bytes:
        yield f"{recovery.torn_bytes:,} bytes of an unfinished record were cut off: nothing had followed from them."
    if not recovery.working:
        yield "No order was working."
    else:
        unanswered = f", {recovery.unanswered} of them unanswered" if recovery.unanswered else ""
        yield f"{_counted(recovery.working, 'order')} still working{unanswered}."


def _happened(view: ReconcileView) -> Iterator[str]:
    if not (view.fills or view.ended or view.adopted):
        yield "Nothing happened while the desk was gone: the broker has what our book has."
        return
    yield f"While the desk was gone: {view.fills} fills, {view.ended} orders ended, {view.adopted} taken in."
    yield from (f"  {line}" for line in view.lines)


def _left(view: ReconcileView) -> Iterator[str]:
    if view.unknown:
        yield f"{_counted(view.unknown, 'order')} of unknown fate; the broker is asked until it is proven."
    if view.breaks:
        yield f"{_counted(len(view.breaks), 'difference')} left: press esc, then R for the break board."
    if not view.unknown and not view.breaks:
        yield "Everything agrees."


def _stands(recovery: RecoveryView) -> Iterator[str]:
    """Yield what holds from before, and what was begun and is not gone on with."""
    for symbol in recovery.flattens:
        yield f"The flatten of {symbol} was not over and is not gone on with: F6 or flat {symbol} asks again."
    if recovery.halts:
        yield (
            "Still in force: resume lifts it."
            if len(recovery.halts) == 1
            else "Still in force: resume lifts them."
        )
        yield from (f"  {halt}" for halt in recovery.halts)


def _counted(number: int, thing: str) -> str:
    return f"1 {thing} is" if number == 1 else f"{number} {thing}s are"
