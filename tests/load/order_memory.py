"""`python -m tests.load.order_memory`: what an order that is over costs in memory, in an engine that one follows and that has no screen, as a served one."""

from __future__ import annotations

import gc
import re
import sys
import tempfile
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from engine.engine import Engine
from engine.face import Follower
from engine.messages.commands import CancelOrder
from engine.messages.views import Frame, ViewRequest
from engine.rooms import Rooms
from tests.engine_rooms import buying, composed, passes
from tests.waiting import wait_until

ROUNDS, ORDERS, AT_ONCE = 9, 1_000, 50
RESTS_S = 2.5
"""Until what follows the journal has read it."""


def main() -> int:
    """Print the bytes of each round; the first one is warming up."""
    with tempfile.TemporaryDirectory(prefix="touchline-memory-") as folder:
        for number, cost in enumerate(costs(Path(folder), ROUNDS, ORDERS), start=1):
            sys.stdout.write(f"orders {number * ORDERS:,}: {cost:,.0f} bytes each\n")
            sys.stdout.flush()
    return 0


def costs(folder: Path, rounds: int, orders: int, rests_s: float = RESTS_S) -> Iterator[float]:
    """Send orders that rest and take them back; yield what each cost, by round, in bytes of the process."""
    with composed(folder, steady_is_own=True) as rooms:
        engine = Engine(rooms)
        engine.start()
        follower = engine.follow()
        try:
            before = _held(rests_s)
            for _ in range(rounds):
                _trade(engine, rooms, follower, orders)
                after = _held(rests_s)
                yield (after - before) / orders
                before = after
        finally:
            engine.stop()


def _trade(engine: Engine, rooms: Rooms, follower: Follower, orders: int) -> None:
    """Do it on the engine's own loop, some at a time."""
    done: list[int] = []

    def some() -> None:
        for _ in range(min(AT_ONCE, orders - len(done))):
            command = buying(rooms, 10, 9_000)
            engine._handlers.handle(command)
            passes(rooms, 0.1)
            engine._handlers.handle(CancelOrder(command.request.client_id))
            passes(rooms, 0.1)
            done.append(1)

    for wanted in range(AT_ONCE, orders + AT_ONCE, AT_ONCE):
        engine._thread.call(some)
        follower.drain(ViewRequest(), _look_away)
        wait_until(partial(_has, done, min(wanted, orders)))


def _has(done: list[int], wanted: int) -> bool:
    return len(done) >= wanted


def _look_away(_: Frame) -> None:
    """Take a frame and keep nothing of it."""


def _held(rests_s: float) -> int:
    """Return the bytes of this process that no file has."""
    time.sleep(rests_s)
    gc.collect()
    told = Path("/proc/self/smaps_rollup").read_text(encoding="ascii")
    found = re.search(r"^Anonymous:\s+(\d+) kB$", told, re.MULTILINE)
    assert found is not None
    return int(found[1]) * 1_024


if __name__ == "__main__":
    raise SystemExit(main())
