"""The end of a run: nothing goes wrong any more, and both sides must agree to the last share."""

from __future__ import annotations

from collections.abc import Iterator

from engine.account.recovery import read_back
from engine.clock import NS_PER_MS
from engine.messages.commands import Flatten, TradingState
from engine.messages.comparison_views import BreakState
from engine.model.order import Order, OrderStatus
from engine.replica import standalone
from engine.store.snapshots import Snapshots
from tests.simulation.world import World

_NEVER_THERE = {OrderStatus.NOT_FOUND, OrderStatus.REJECTED, OrderStatus.CANCELED}
_SAME = ({OrderStatus.FILLED, OrderStatus.CANCELED}, {OrderStatus.WORKING, OrderStatus.PARTIALLY_FILLED})
"""How an order ended, or works, whose fills were taken back, or that was first heard of by a fill, is a matter of words."""
QUIET_S = 250.0
QUESTIONS_MAX = 10
"""How often one thing may be asked for within a second: more than a restart and two breaks of the way explain."""
CALM_TICK_NS = 100 * NS_PER_MS


def reckon(world: World) -> list[str]:
    """Let the dust settle, compare everything, then take the way out; return what is wrong."""
    _calm(world)
    wrong = [*world.findings, *compared(world), *_settled(world), *_replayed(world)]
    return wrong or [*_way_out(world)]


def _calm(world: World) -> None:
    world.faults.end()
    world.disk.failing = lambda _what: None
    world.disk.crash_at, world.venue.crash_at = None, None
    world.slow_until_ns, world.venue.busy_until_ns = 0, 0
    world.run(1.0)
    if world.rooms.journal.refusal:
        world.crash()
    world.venue.wire.closed = False
    world.venue.wire.open()
    world.run(QUIET_S, CALM_TICK_NS)


def compared(world: World) -> Iterator[str]:
    """Yield every difference between our book and the venue's."""
    ours, theirs = world.rooms.orders.orders, world.venue.orders
    yield from (f"{name} was sent {n} times" for name, n in world.venue.received.items() if n > 1)
    for each in ours.values():
        if each.status is not OrderStatus.DENIED:
            yield from _compared_order(world, each)
    for name, order in theirs.items():
        if name not in ours and (order.is_open or order.fills):
            yield f"the venue's order {name} is not ours"
    held = {symbol: each.quantity for symbol, each in world.rooms.ledger.positions.items() if each.quantity}
    if held != world.venue.positions():
        yield f"positions: ours {held}, the venue's {world.venue.positions()}"
    world.rooms.valuation.refresh()
    if world.rooms.account.cash_micros != world.venue.cash_micros():
        yield f"cash: ours {world.rooms.account.cash_micros}, the venue's {world.venue.cash_micros()}"


def _compared_order(world: World, order: Order) -> Iterator[str]:
    there = world.venue.orders.get(order.client_id)
    if there is None:
        if order.status not in _NEVER_THERE:
            yield f"{order.client_id} is {order.status}, the venue never had it"
        return
    ours = (order.status, order.filled, sorted(fill.fill_id for fill in order.fills))
    theirs = (there.status, there.filled, sorted(fill.fill_id for fill in there.fills))
    foreign = order.request.origin == "external"
    words_alone = ours[1:] == theirs[1:] and any({order.status, there.status} <= same for same in _SAME)
    if ours != theirs and not (words_alone and (there.busted or foreign)):
        yield f"{order.client_id}: ours {ours}, the venue's {theirs}"


def _settled(world: World) -> Iterator[str]:
    """Everything that was asked for is done, and nothing is left to explain but what was placed elsewhere."""
    yield from world.invariants.cancels.unfulfilled()
    for each in world.rooms.orders.reconciler.breaks:
        if each.state is BreakState.OPEN and not each.id.startswith("order:web-"):
            yield f"a break that nothing explains: {each.text}"
    if not world.rooms.orders.reconciler.settled:
        yield "the books were never compared"
    for (name, second), times in world.venue.asked.items():
        if times > QUESTIONS_MAX:
            yield f"{name or 'everything'} was asked for {times} times in second {second}"


def _replayed(world: World) -> Iterator[str]:
    """Read the journal into a fresh copy, and a snapshot of that: each must be what the engine believes."""
    copy = standalone("USD")
    read_back(copy, world.disk)
    if copy.digest() != world.rooms.replica.digest():
        yield "the journal does not replay to the engine's state"
    Snapshots(world.disk).write(copy.capture())
    restored = standalone("USD")
    if read_back(restored, world.disk) or restored.digest() != copy.digest():
        yield "a snapshot does not lead to the engine's state"


def _way_out(world: World) -> Iterator[str]:
    """Halt everything, then flatten: cancels and closing orders must work all the same."""
    world.invariants.locks.say(TradingState.HALTED)
    world.command(Flatten())
    world.run(60.0, CALM_TICK_NS)
    if world.open_orders:
        yield f"{world.open_orders} orders are still open after the way out"
    if world.venue.positions():
        yield f"not flat after the way out: {world.venue.positions()}"
    yield from compared(world)
