"""The way out, taken in the middle of the storm."""

from __future__ import annotations

from collections.abc import Callable

from engine.messages.commands import CancelAll, TradingState
from tests.simulation.machine import hold_up
from tests.simulation.world import World

BOUND_S = 120.0
"""How long a way to the broker may be needed until nothing works there any more."""
STEP_S = 0.5
ALL_S = 400.0


def press(world: World) -> None:
    """Halt, cancel everything, and see that it goes, while things go on going wrong."""
    world.guard(lambda: world.invariants.locks.say(TradingState.HALTED))
    starts = world.starts
    targets = _ask(world)
    reached_s = waited_s = 0.0
    while (left := _left(world, targets)) and reached_s < BOUND_S and waited_s < ALL_S:
        if world.random.random() < 0.05 and waited_s < 30:
            world.guard(lambda: hold_up(world))
        world.run(STEP_S)
        waited_s += STEP_S
        wire = world.venue.wire
        reached_s += STEP_S if wire.up and not wire.silent else 0
        if world.venue.wire.closed and waited_s > 10:
            world.guard(world.venue.wire.open)
        if world.starts > starts:
            starts = world.starts  # who pressed it on a desk that went presses it again
            targets |= _ask(world)
    if left:
        world.findings.append(
            f"way out: {sorted(left)} still work {reached_s:.0f} s after everything was cancelled"
        )
    world.guard(lambda: world.invariants.locks.say(TradingState.ACTIVE))


def _ask(world: World) -> set[str]:
    """Press the key; return what it is to take away."""
    targets = {order.client_id for order in world.rooms.working}
    world.guard(_cancel_all(world))
    return targets


def _cancel_all(world: World) -> Callable[[], None]:
    return lambda: world.command(CancelAll())


def _left(world: World, targets: set[str]) -> set[str]:
    venue = world.venue
    return {
        each
        for each in targets
        if each in venue.coming or (each in venue.orders and venue.orders[each].is_open)
    }
