"""One short, fixed life of an account, to be cut off at every step, in every byte and at every call of the broker."""

from __future__ import annotations

from functools import partial

from engine.model.order import ExitPlan, OrderRequest, OrderType
from engine.model.trade import Side
from engine.store.journal import Durability
from tests.simulation.faults import Faults
from tests.simulation.reckoning import reckon
from tests.simulation.world import SYMBOLS, World

SIDES = ("before", "after")
"""Where a process may end at a call of the broker."""


def lived(world: World) -> None:
    """Reach the broker; buy with exits, change, sell and cancel; each order's answers come between."""
    world.run(0.6)
    for deed in (_buy, _grow, _sell, _cancel):
        world.guard(partial(deed, world))
        world.run(0.2)


def cuts(durability: Durability) -> list[tuple[int, int]]:
    """Return every step that life takes on the disk when nothing ends it, with every number of bytes of it."""
    world = World(1, Faults(), durability=durability)
    before = world.disk.steps
    lived(world)
    steps = enumerate(world.disk.sizes[before:], before + 1)
    return [(step, cut) for step, size in steps for cut in range(max(1, size))]


def cut_off(durability: Durability, step: int, cut: int) -> list[str]:
    """Live it with the process ending at a step, after some bytes of it; return what is wrong in the end."""
    world = World(1, Faults(), durability=durability)
    if step > world.disk.steps:
        world.disk.crash_at, world.disk.crash_cut = step, cut
    lived(world)
    return reckon(world)


def calls(durability: Durability, *, stormy: bool) -> int:
    """Return how many calls of the broker that life makes when nothing ends it."""
    world = World(1, _storm() if stormy else Faults(), durability=durability)
    lived(world)
    return world.venue.calls


def ended_at_call(durability: Durability, number: int, side: str, *, stormy: bool) -> list[str]:
    """Live it with the process ending before or after a call of the broker; return what is wrong in the end."""
    world = World(1, _storm() if stormy else Faults(), durability=durability)
    if number > world.venue.calls:
        world.venue.crash_at = (number, side)
    lived(world)
    return reckon(world)


def _storm() -> Faults:
    return Faults(lose=0.1, double=0.2, late_fill=0.3, missing_page=0.2, request=0.2, slow_ms=200)


def _order(world: World, side: Side, quantity: int, limit: int, plan: ExitPlan | None = None) -> OrderRequest:
    client_id, number = world.rooms.ids.next()
    return OrderRequest(
        client_id=client_id,
        number=number,
        account="PAPER-1",
        symbol=SYMBOLS[0],
        side=side,
        quantity=quantity,
        type=OrderType.LIMIT,
        limit=limit,
        plan=plan,
        created_ns=world.clock.now_ns(),
    )


def _buy(world: World) -> None:
    _, ask = world.venue.touch[SYMBOLS[0]]
    plan = ExitPlan(stop=ask - 50, target=ask + 60)
    world.rooms.orders.submit(_order(world, Side.BUY, 40, ask + 2, plan))


def _grow(world: World) -> None:
    for order in list(world.rooms.working)[:1]:
        world.rooms.orders.amend(order.client_id, quantity=order.quantity + 10)


def _sell(world: World) -> None:
    _, ask = world.venue.touch[SYMBOLS[0]]
    world.rooms.orders.submit(_order(world, Side.SELL, 7, ask + 30))


def _cancel(world: World) -> None:
    world.rooms.orders.cancel_all()
