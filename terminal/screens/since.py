"""What a person reads first after a crash: what was found, what happened meanwhile, what is left to decide."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime

from engine.clock import NS_PER_S
from engine.messages.comparison_views import ReconcilePhase, ReconcileView, RecoveryView
from engine.messages.views import OrderView
from terminal.widgets.blotter import status_word

_SETTLED = frozenset({ReconcilePhase.AGREED, ReconcilePhase.DIFFERS})


def is_settled(view: ReconcileView | None) -> bool:
    """Return whether our book and the broker's were compared to the end."""
    return view is not None and view.phase in _SETTLED


def story(recovery: RecoveryView, view: ReconcileView, orders: Iterable[OrderView]) -> list[str]:
    """Return the lines of the page; the orders are as they stand now."""
    known = tuple(order for order in orders if order.created_ns <= recovery.last_ns)
    ended = [order for order in known if not order.status.is_open and order.updated_ns > recovery.last_ns]
    working = sum(order.status.is_open for order in known)
    return [*_found(recovery), "", *_happened(view, ended), "", *_left(view, working), *_stands(recovery)]


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
        were = "1 order was" if recovery.working == 1 else f"{recovery.working} orders were"
        yield f"{were} working then{unanswered}."


def _happened(view: ReconcileView, ended: Sequence[OrderView]) -> Iterator[str]:
    """Tell what the comparison found, and which orders ended by the broker's own word without it."""
    if not (view.fills or ended or view.adopted):
        yield "Nothing happened since then: the broker has what our book had."
        return
    orders = "1 order" if len(ended) == 1 else f"{len(ended)} orders"
    fills = "1 fill" if view.fills == 1 else f"{view.fills} fills"
    yield f"Since then: {fills}, {orders} ended, {view.adopted} taken in."
    yield from (f"  {line}" for line in view.lines)
    for order in ended:
        if not any(line.startswith(f"#{order.number} ") for line in view.lines):
            why = f", {order.reason}" if order.reason else ""
            yield f"  #{order.number} {order.side.name} {order.symbol} ended: {status_word(order)}{why}"


def _left(view: ReconcileView, working: int) -> Iterator[str]:
    yield f"{_counted(working, 'order')} still working." if working else "None of its orders is working now."
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
