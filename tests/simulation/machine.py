"""What goes wrong with the machine, the disk and the way to the broker."""

from __future__ import annotations

import errno

from engine.clock import NS_PER_S
from tests.simulation.world import World

STEPS_S = (-60, -5, -1, 1, 5, 60)
"""By how much the date is set forward or back at once."""
BEHIND_MAX_S = 100
"""How far the date may lie behind what it was: what waits for a date waits for so much longer."""


def crash(world: World) -> None:
    """End the process."""
    world.crash()


def crash_soon(world: World) -> None:
    """Have the process end in one of the next things that it does to the disk."""
    world.disk.crash_at = world.disk.steps + world.random.randint(1, 6)
    world.disk.crash_cut = world.random.randint(0, 300)


def crash_at_call(world: World) -> None:
    """Have the process end just before one of the next calls of the broker, or just after it."""
    number = world.venue.calls + world.random.randint(1, 3)
    world.venue.crash_at = (number, world.random.choice(("before", "after")))


def close_link(world: World) -> None:
    """Close the way to the broker until somebody opens it."""
    world.venue.wire.cut("the connection was reset")


def open_link(world: World) -> None:
    """Open it again."""
    world.venue.wire.open()


def hold_up(world: World) -> None:
    """Let the way to the broker fail for a while: silent, restarted, or overloaded."""
    random, venue = world.random, world.venue
    what = random.choice(("silence", "restart", "storm", "reset"))
    if what == "storm":
        venue.answer_nothing_for(random.uniform(0.5, 8.0))
    elif not venue.wire.up:
        return
    elif what == "silence":
        venue.wire.fall_silent(random.uniform(0.5, 12.0), then_cut=random.random() < 0.5)
    elif what == "restart":
        venue.restart(random.uniform(0.5, 8.0))
    else:
        venue.wire.cut("the connection was reset", again_after_s=random.uniform(0.1, 3.0))


def disk_fails(world: World) -> None:
    """The disk is full, or fails, until somebody sees to it."""
    number = world.random.choice((errno.ENOSPC, errno.EIO, errno.EROFS))
    broken = world.random.choice(("write", "create"))
    world.disk.failing = lambda what: number if what == broken else None


def disk_works(world: World) -> None:
    """Somebody saw to it."""
    world.disk.failing = lambda _what: None


def disk_is_slow(world: World) -> None:
    """No sync ends for a while, at times for so long that orders are given up."""
    world.slow_until_ns = world.timeline.now_ns + round(world.random.choice((0.1, 0.6, 3.0, 7.0)) * NS_PER_S)


def date_is_set(world: World) -> None:
    """The wall clock jumps; steady time goes on."""
    step_s = world.random.choice(STEPS_S)
    if world.clock.behind_ns - step_s * NS_PER_S <= BEHIND_MAX_S * NS_PER_S:
        world.clock.set_by(step_s * NS_PER_S)


def date_is_set_forward(world: World) -> None:
    """The wall clock jumps to later."""
    world.clock.set_by(world.random.choice([step_s for step_s in STEPS_S if step_s > 0]) * NS_PER_S)
