"""A person at the desk, in a hurry: sends, changes, cancels, halts and flattens at random."""

from __future__ import annotations

import errno
from collections.abc import Callable
from random import Random

from engine.messages.commands import TradingState
from engine.messages.events import TradingStateChanged
from engine.model.order import ExitPlan, OrderRequest, OrderType, TimeInForce
from engine.model.trade import Side
from tests.simulation.world import SYMBOLS, World

_TYPES = (OrderType.LIMIT, OrderType.LIMIT, OrderType.MARKET, OrderType.STOP)


def act(world: World) -> None:
    """Do one thing, or let one thing go wrong with the machine."""
    deed = world.random.choices([deed for deed, _ in _DEEDS], [weight for _, weight in _DEEDS])[0]
    world.guard(lambda: deed(world))


def _submit(world: World) -> None:
    world.rooms.orders.submit(request(world))


def request(world: World) -> OrderRequest:
    """Return an order that a person might send."""
    random = world.random
    symbol, side = random.choice(SYMBOLS), random.choice((Side.BUY, Side.SELL))
    bid, ask = world.venue.touch[symbol]
    kind = random.choice(_TYPES)
    client_id, number = world.rooms.ids.next()
    return OrderRequest(
        client_id=client_id,
        number=number,
        account="PAPER-1",
        symbol=symbol,
        side=side,
        quantity=random.randint(1, 400),
        type=kind,
        limit=(bid if side is Side.BUY else ask) + random.randint(-5, 5) if kind is OrderType.LIMIT else None,
        stop=(ask + 20 if side is Side.BUY else bid - 20) if kind is OrderType.STOP else None,
        tif=random.choice((TimeInForce.DAY, TimeInForce.GTC)),
        plan=_plan(random, side, bid) if kind is OrderType.LIMIT and random.random() < 0.3 else None,
        created_ns=world.clock.now_ns(),
        correlation=client_id,
    )


def _plan(random: Random, side: Side, bid: int) -> ExitPlan:
    away = random.randint(30, 80)
    return ExitPlan(stop=bid - side * away, target=bid + side * away)


def _cancel(world: World) -> None:
    working = list(world.rooms.working)
    if working:
        world.rooms.orders.cancel(world.random.choice(working).client_id)


def _amend(world: World) -> None:
    working = list(world.rooms.working)
    if working:
        order = world.random.choice(working)
        quantity = max(1, order.quantity + world.random.randint(-50, 50))
        world.rooms.orders.amend(order.client_id, quantity=quantity)


def _cancel_all(world: World) -> None:
    world.rooms.orders.cancel_all()


def _flatten(world: World) -> None:
    world.rooms.orders.flatten(world.random.choice(SYMBOLS))


def _halt_or_resume(world: World) -> None:
    rooms = world.rooms
    state = world.random.choice((TradingState.ACTIVE,) * 5 + (TradingState.HALTED,))
    event = TradingStateChanged(state, "the simulation says so", None, world.clock.now_ns())
    rooms.halts.set(event.state, event.reason, None, event.event_ns)
    rooms.orders.scribe.note(event)


def _crash(world: World) -> None:
    world.crash()


def _crash_soon(world: World) -> None:
    """Have the process end in one of the next things that it does to the disk."""
    world.disk.crash_at = world.disk.steps + world.random.randint(1, 6)
    world.disk.crash_cut = world.random.randint(0, 300)


def _crash_at_call(world: World) -> None:
    """Have the process end just before the next call of the broker, or just after it."""
    world.venue.crash_at_call = world.random.choice(("before", "after"))


def _leave(world: World) -> None:
    world.leave()


def _link(world: World) -> None:
    if world.venue.linked:
        world.venue.drop_link("the connection was reset")
    else:
        world.venue.restore_link()


def _take_stock(world: World) -> None:
    world.rooms.orders.take_stock()


def _disk_fails(world: World) -> None:
    """The disk is full, or fails, until somebody sees to it."""
    number = world.random.choice((errno.ENOSPC, errno.EIO, errno.EROFS))
    broken = world.random.choice(("write", "create"))
    world.disk.failing = lambda what: number if what == broken else None


def _disk_works(world: World) -> None:
    world.disk.failing = lambda _what: None


def _wait(world: World) -> None:
    world.run(world.random.choice((0.1, 0.5, 2.0)))


_DEEDS: tuple[tuple[Callable[[World], None], int], ...] = (
    (_submit, 40),
    (_wait, 25),
    (_cancel, 8),
    (_amend, 8),
    (_cancel_all, 2),
    (_flatten, 2),
    (_halt_or_resume, 3),
    (_crash, 1),
    (_crash_soon, 2),
    (_crash_at_call, 2),
    (_leave, 1),
    (_link, 3),
    (_take_stock, 1),
    (_disk_fails, 1),
    (_disk_works, 2),
)
