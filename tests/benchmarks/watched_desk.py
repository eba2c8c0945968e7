"""Rooms that are watched as the program watches them: with a log, with traces, with neither."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from engine.clock import SystemClock
from engine.model.instrument import Symbol
from engine.observe.event_notes import EventNotes
from engine.observe.logs import EventLog
from engine.readings.observation import story_of
from engine.rooms import Rooms
from engine.settings.traces import TracesSettings
from tests.benchmarks.composed import rooms as composed
from tests.benchmarks.world_clock import WorldClock

_LIMITS = """
[account]
order_rate_per_s = 1000000
order_burst = 1000000
[default]
duplicate_window_ms = 0
"""
"""No order is denied for coming within a moment of another: a thousand of them come in one."""
_TRACES = TracesSettings(endpoint="http://127.0.0.1:4318")
"""Nothing is sent there: what is measured is what the engine's thread does."""


@dataclass(slots=True)
class WatchedDesk:
    """Rooms in the machine's time, and what was made of what happened in them."""

    rooms: Rooms
    clock: WorldClock
    log: EventLog | None = None
    spans: int = 0
    """How many were made."""

    def flush(self) -> None:
        """Write the lines and make the spans of what was noted."""
        if self.log is not None:
            self.log.flush()
        if (traces := self.rooms.traces) is not None:
            traces.export.prepare()
            self.spans += len(traces.tracer.take(100_000))

    def check(self) -> None:
        """Fail unless something was made where something watches, and only there."""
        assert self.log is None or self.log.written
        assert bool(self.spans) is (self.rooms.traces is not None)


@contextmanager
def plain(symbol: Symbol) -> Iterator[WatchedDesk]:
    """Compose rooms with one share that nothing watches."""
    clock = WorldClock()
    with composed(clock, [symbol], _LIMITS) as rooms:
        yield WatchedDesk(rooms, clock)


@contextmanager
def logged(symbol: Symbol) -> Iterator[WatchedDesk]:
    """Compose rooms with one share whose log is written."""
    with plain(symbol) as desk:
        rooms = desk.rooms
        desk.log = EventLog(rooms.folders.logs, SystemClock().now_ns)
        EventNotes(rooms.bus, desk.log, story_of(rooms))
        desk.log.open()
        yield desk
        desk.log.close()


@contextmanager
def traced(symbol: Symbol) -> Iterator[WatchedDesk]:
    """Compose rooms with one share whose orders are traced."""
    clock = WorldClock()
    with composed(clock, [symbol], _LIMITS, _TRACES) as rooms:
        assert rooms.traces is not None
        rooms.traces.follow(rooms.bus, is_timed=rooms.account_clock.is_world)
        yield WatchedDesk(rooms, clock)
