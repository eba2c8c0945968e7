"""What the engine does by itself, beside the market: value, watch, sample, reload."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from datetime import UTC, datetime
from typing import Any

from engine.clock import NS_PER_S
from engine.frames import FrameBuilder
from engine.handlers import Handlers
from engine.rooms import Rooms

REVALUE_S = 0.1
"""How often the account is looked at; it is valued when a fill came or marks are due."""
WATCH_S = 1.0
LAG_S = 0.05
HOURS_AFTER_S = 2.0


class Upkeep:
    """The engine's own periodic work; each task runs until it is cancelled."""

    def __init__(
        self, rooms: Rooms, frames: FrameBuilder, handlers: Handlers, look: Callable[[], None]
    ) -> None:
        self._rooms = rooms
        self._frames = frames
        self._handlers = handlers
        self._look = look

    def _refresh_numbers(self) -> None:
        """Nothing yet."""

    def tasks(self) -> Iterator[tuple[str, Coroutine[Any, Any, None]]]:
        """Yield each task with the name it is known by when it fails."""
        yield "valuation", self._revalue()
        yield "watch", self._watch()
        yield "loop lag", self._measure_lag()
        yield "market hours", self._learn_hours()

    async def _revalue(self) -> None:
        while True:
            self._rooms.valuation.refresh()
            self._rooms.gate.refresh()
            await asyncio.sleep(REVALUE_S)

    async def _watch(self) -> None:
        rooms = self._rooms
        while True:
            self._frames.mark_aged()
            self._refresh_numbers()
            if rooms.limits.changed_on_disk():
                self._handlers.reload_limits()
            self._look()
            await asyncio.sleep(WATCH_S)

    async def _learn_hours(self) -> None:
        """Learn the calendars of what is listed, away from the start and in another process."""
        await asyncio.sleep(HOURS_AFTER_S)
        rooms = self._rooms
        year = datetime.fromtimestamp(rooms.clock.now_ns() // NS_PER_S, UTC).year
        calendars = {state.instrument.calendar for state in rooms.market.states.values()}
        await rooms.hours.prepare(sorted(calendars), year - 1, year + 1)

    async def _measure_lag(self) -> None:
        clock = self._rooms.clock
        while True:
            before_ns = clock.monotonic_ns()
            await asyncio.sleep(LAG_S)
            late_ns = clock.monotonic_ns() - before_ns - int(LAG_S * 1e9)
            self._rooms.latencies.loop_lag.record(max(0, late_ns))
