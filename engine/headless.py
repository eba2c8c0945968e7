"""A recording through the whole pipeline without a desk, and what came of it in numbers."""

from __future__ import annotations

import asyncio

from engine.clock import NS_PER_S, SystemClock
from engine.errors import EngineError
from engine.rooms import Rooms


def run_to_end(rooms: Rooms) -> tuple[dict[str, object], EngineError | None]:
    """Deliver everything, and return the summary and the error that ended it early, if one did.

    The summary's keys are those of `Market.summary`, and `wall_s`, `cpu_s`, `events_per_s`.
    """
    clock = SystemClock()
    wall_ns, cpu_ns = clock.monotonic_ns(), clock.cpu_ns()
    error: EngineError | None = None
    try:
        asyncio.run(rooms.source.run(rooms.market))
    except EngineError as found:
        error = found
    wall_ns, cpu_ns = clock.monotonic_ns() - wall_ns, clock.cpu_ns() - cpu_ns
    counters = rooms.market.counters
    events = sum(counters.events.values())
    return {
        **rooms.market.summary(),
        "wall_s": round(wall_ns / NS_PER_S, 6),
        "cpu_s": round(cpu_ns / NS_PER_S, 6),
        "events_per_s": round(events * NS_PER_S / wall_ns) if wall_ns else 0,
    }, error
