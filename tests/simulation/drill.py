"""The ways out, taken in the middle of the storm."""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import partial

from engine.messages.commands import CancelAll, CancelOrder, Flatten, TradingState
from engine.model.instrument import Symbol
from tests.simulation.machine import disk_works, hold_up
from tests.simulation.venue import FaultyVenue
from tests.simulation.world import SYMBOLS, World

BOUND_S = 120.0
"""How long a way to the broker may be needed until nothing works there any more."""
CHASED_S = 60.0
"""How long a cancel that was lost may take to be missed, and asked again until one arrives."""
STEP_S = 0.5
ALL_S = 400.0
REPAIRED_AFTER_S = 10.0
"""When somebody sees to a link that is closed, and to a disk."""
Left = Callable[[], Collection[str]]


def cancel_everything(world: World) -> None:
    """Halt, cancel everything, and see that it goes, while things go on going wrong."""
    world.guard(lambda: world.invariants.locks.say(TradingState.HALTED))
    targets: set[str] = set()

    def ask() -> None:
        targets.update(order.client_id for order in world.rooms.working)
        world.command(CancelAll())

    _take(world, ask, lambda: _at_venue(world, targets), "still work", "everything was cancelled")
    world.guard(lambda: world.invariants.locks.say(TradingState.ACTIVE))


def flatten(world: World) -> None:
    """Flatten a symbol or everything, halted or not, and see that it comes about; what is given up is asked for again."""
    symbol = world.random.choice((None, *SYMBOLS))
    if world.random.random() < 0.5:
        world.guard(lambda: world.invariants.locks.say(TradingState.HALTED))
    flattens, left = world.invariants.flattens, set[Symbol]()

    def ask() -> None:
        left.clear()
        ask_for(symbol)

    def ask_for(meant: Symbol | None) -> None:
        flattens.asked(meant)
        world.command(Flatten(meant))
        left.update(world.rooms.orders.flattening, flattens.given_up)

    def remaining() -> set[Symbol]:
        for each in sorted(left & flattens.given_up):
            left.discard(each)
            world.guard(partial(ask_for, each))
        return left - flattens.done

    _take(world, ask, remaining, "are not flat", "it was asked for")
    world.guard(lambda: world.invariants.locks.say(TradingState.ACTIVE))


def lose_a_cancel(world: World) -> None:
    """Have a cancel come to nothing; as long as the link holds nothing but a chase takes its order away."""
    venue, starts = world.venue, world.starts
    orders = [each for each in world.rooms.working if each.limit and _at_venue(world, {each.client_id})]
    if not orders or not _holds(venue):
        return
    order = world.random.choice(orders)
    venue.swallowing = True
    world.guard(lambda: world.command(CancelOrder(order.client_id)))
    venue.swallowing = False
    waited_s = 0.0
    while order.cancel_wanted and _at_venue(world, {order.client_id}):
        if waited_s >= CHASED_S:
            world.findings.append(
                f"way out: {order.client_id} still works {CHASED_S:.0f} s after its cancel was lost"
            )
            return
        world.run(STEP_S)
        waited_s += STEP_S
        if world.starts > starts or not _holds(venue):
            return


def _take(world: World, ask: Callable[[], None], left: Left, what: str, since: str) -> None:
    """Take a way out, and follow it until nothing is left or a way to the broker was there for long enough."""
    starts = world.starts
    world.guard(ask)
    reached_s = waited_s = 0.0
    while left() and reached_s < BOUND_S and waited_s < ALL_S:
        if world.random.random() < 0.05 and waited_s < 30:
            world.guard(lambda: hold_up(world))
        world.run(STEP_S)
        waited_s += STEP_S
        wire = world.venue.wire
        reached_s += STEP_S if wire.up and not wire.silent else 0
        if waited_s > REPAIRED_AFTER_S:
            _see_to(world)
        if world.starts > starts:
            starts = world.starts  # who pressed it on a desk that went presses it again
            world.guard(ask)
    if remaining := left():
        text = f"{sorted(remaining)} {what} {reached_s:.0f} s after {since}"
        world.findings.append(f"way out: {text}")


def _see_to(world: World) -> None:
    """Open a link that stays closed, and mend a disk; one that is not trusted any more needs a new start."""
    if world.venue.wire.closed:
        world.guard(world.venue.wire.open)
    disk_works(world)
    if "started again" in world.rooms.journal.refusal:
        world.crash()


def _holds(venue: FaultyVenue) -> bool:
    """Whether the link is there, and lets through what is written."""
    return venue.wire.up and not venue.wire.silent


def _at_venue(world: World, targets: set[str]) -> set[str]:
    venue = world.venue
    return {
        each
        for each in targets
        if each in venue.coming or (each in venue.orders and venue.orders[each].is_open)
    }
