"""A person at the desk, in a hurry: sends, changes, cancels, halts and flattens at random."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from engine.messages.commands import (
    AmendOrder,
    BreakAction,
    CancelAll,
    CancelOrder,
    Flatten,
    ResolveBreak,
    SubmitOrder,
    TakeStock,
    TradingState,
)
from engine.messages.comparison_views import BreakState
from engine.model.order import ExitPlan, OrderRequest, OrderType, TimeInForce
from engine.model.trade import Side
from tests.simulation import drill, machine
from tests.simulation.world import SYMBOLS, World

_TYPES = (OrderType.LIMIT, OrderType.LIMIT, OrderType.MARKET, OrderType.STOP)
PLANNED, PLANNED_AS_PAIRS = 0.3, 0.8
"""How often a limit order has exits; at a venue that holds them as pairs these are what is tried."""
_STATES = (TradingState.REDUCING, TradingState.HALTED)


def act(world: World) -> None:
    """Do one thing, or let one thing go wrong with the machine."""
    while not world.rooms.orders.reconciler.settled and world.random.random() < 0.8:
        world.run(0.5)
    deed = world.random.choices([deed for deed, _ in _DEEDS], [weight for _, weight in _DEEDS])[0]
    world.guard(lambda: deed(world))


def _submit(world: World) -> None:
    world.command(SubmitOrder(request(world)))


def request(world: World) -> OrderRequest:
    """Return an order that a person might send."""
    random = world.random
    symbol, side = random.choice(SYMBOLS), random.choice((Side.BUY, Side.SELL))
    bid, ask = world.venue.touch[symbol]
    kind = random.choice(_TYPES)
    planned = PLANNED_AS_PAIRS if world.venue.holds_pairs else PLANNED
    plan = _plan(random, side, bid) if kind is OrderType.LIMIT and random.random() < planned else None
    near = random.randint(-5, 5) if random.random() < 0.6 else -side * random.randint(50, 300)
    position = world.rooms.ledger.positions.get(symbol)
    closes = position is not None and position.quantity * side < 0
    client_id, number = world.rooms.ids.next()
    return OrderRequest(
        client_id=client_id,
        number=number,
        account="PAPER-1",
        symbol=symbol,
        side=side,
        quantity=random.choice((random.randint(1, 60), random.randint(1, 215))),
        type=kind,
        limit=(bid if side is Side.BUY else ask) + near if kind is OrderType.LIMIT else None,
        stop=(ask + 20 if side is Side.BUY else bid - 20) if kind is OrderType.STOP else None,
        tif=TimeInForce.DAY
        if kind is OrderType.MARKET
        else random.choice((TimeInForce.DAY, TimeInForce.GTC)),
        plan=plan,
        reduce_only=closes and plan is None and random.random() < 0.4,
        created_ns=world.clock.now_ns(),
        correlation=client_id,
    )


def _plan(random: Random, side: Side, bid: int) -> ExitPlan:
    away = random.randint(30, 80)
    return ExitPlan(stop=bid - side * away, target=bid + side * away)


def _cancel(world: World) -> None:
    working = list(world.rooms.working)
    if working:
        world.command(CancelOrder(world.random.choice(working).client_id))


def _amend(world: World) -> None:
    working = list(world.rooms.working)
    if working:
        order = world.random.choice(working)
        quantity = max(1, order.quantity + world.random.randint(-50, 100))
        world.command(AmendOrder(order.client_id, quantity))


def _cancel_all(world: World) -> None:
    world.command(CancelAll(world.random.choice((None, *SYMBOLS))))


def _flatten(world: World) -> None:
    world.command(Flatten(world.random.choice(SYMBOLS)))


def _say(world: World) -> None:
    """Halt everything or a symbol, or let it only reduce."""
    symbol = world.random.choice((None, None, *SYMBOLS))
    world.invariants.locks.say(world.random.choice(_STATES), symbol)


def _resume(world: World) -> None:
    """Lift whatever was said."""
    for symbol in world.invariants.locks.tightened():
        world.invariants.locks.say(TradingState.ACTIVE, symbol)


def _decide(world: World) -> None:
    """Decide about an order that was placed elsewhere; a difference that may heal is let be."""
    for each in world.rooms.orders.reconciler.breaks:
        if each.state is BreakState.OPEN and each.id.startswith("order:web-"):
            world.command(ResolveBreak(each.id, world.random.choice(tuple(BreakAction))))
            return


def _press(world: World) -> None:
    """Take the way out, at times because of an order that was sent just now."""
    if world.random.random() < 0.5:
        world.guard(lambda: _submit(world))
    drill.cancel_everything(world)


def _flatten_in_the_storm(world: World) -> None:
    """Get out of what is held, at times just after an order was sent."""
    if world.random.random() < 0.5:
        world.guard(lambda: _submit(world))
    drill.flatten(world)


def _halt_what_waits(world: World) -> None:
    """Send an order, or change one, and halt before the disk has it; nobody cancels it, and it is lifted again."""
    locks = world.invariants.locks
    was_tightened = bool(locks.tightened())
    if world.random.random() < 0.5:
        machine.disk_is_slow(world)
    world.guard(lambda: world.random.choice((_submit, _submit, _amend))(world))
    world.guard(lambda: locks.say(world.random.choice(_STATES)))
    world.run(world.random.choice((0.1, 1.0)))
    if not was_tightened:
        world.guard(lambda: locks.say(TradingState.ACTIVE))


def _doubt_as_the_date_is_set(world: World) -> None:
    """Have an order come to nothing, and set the date forward while it may still be on its way."""
    _lose_an_order(world)
    world.run(world.random.uniform(0.1, 1.5))
    machine.date_is_set_forward(world)
    world.run(3.0)


def _doubt_as_answers_come_again(world: World) -> None:
    """Have an order come to nothing, and the answers to what is asked for it get lost, or come twice."""
    faults = world.venue.faults
    usual = faults.lose, faults.double
    _lose_an_order(world)
    faults.lose, faults.double = 0.4, 1.0
    world.run(12.0)
    faults.lose, faults.double = usual


def _lose_a_cancel(world: World) -> None:
    """Have a cancel of an order that rests come to nothing, while the venue does nothing unasked."""
    usual, world.venue.faults.unasked = world.venue.faults.unasked, 0.0
    for _ in range(3):
        world.guard(lambda: _submit(world))
    world.run(1.0)
    drill.lose_a_cancel(world)
    world.venue.faults.unasked = usual


def _lose_an_order(world: World) -> None:
    """Send orders until one leaves, which does not arrive."""
    venue = world.venue
    venue.swallowing = True
    for _ in range(3):
        if venue.swallowing:
            world.guard(lambda: _submit(world))
            world.run(0.1)
    venue.swallowing = False


def _leave(world: World) -> None:
    world.leave()


def _take_stock(world: World) -> None:
    world.command(TakeStock())


def _wait(world: World) -> None:
    world.run(world.random.choice((0.1, 0.5, 2.0)))


_DEEDS: tuple[tuple[Callable[[World], None], float], ...] = (
    (_submit, 40),
    (_wait, 25),
    (_cancel, 8),
    (_amend, 8),
    (_cancel_all, 2),
    (_flatten, 2),
    (_say, 1),
    (_resume, 6),
    (_decide, 8),
    (_leave, 1),
    (_take_stock, 1),
    (_press, 0.7),
    (_flatten_in_the_storm, 0.7),
    (_halt_what_waits, 1),
    (_lose_a_cancel, 1),
    (_doubt_as_the_date_is_set, 1),
    (_doubt_as_answers_come_again, 1),
    (machine.crash, 1),
    (machine.crash_soon, 2),
    (machine.crash_at_call, 2),
    (machine.close_link, 1),
    (machine.open_link, 5),
    (machine.hold_up, 2),
    (machine.disk_fails, 1),
    (machine.disk_works, 2),
    (machine.disk_is_slow, 2),
    (machine.date_is_set, 1),
)
