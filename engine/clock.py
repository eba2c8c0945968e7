"""The one source of time: nothing else in the engine reads a clock."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Callable
from heapq import heappop, heappush
from time import perf_counter_ns
from typing import Final, Protocol

NS_PER_S: Final = 1_000_000_000
NS_PER_MS: Final = 1_000_000


class Timer:
    """A callback that is due at a time, until it is cancelled."""

    __slots__ = ("callback", "cancelled", "due_ns")

    def __init__(self, due_ns: int, callback: Callable[[], None]) -> None:
        self.due_ns = due_ns
        self.callback = callback
        self.cancelled = False

    def cancel(self) -> None:
        """Never call back."""
        self.cancelled = True

    def fire(self) -> None:
        """Call back, unless cancelled."""
        if not self.cancelled:
            self.callback()


class Clock(Protocol):
    """Tells the time of the market and of the machine."""

    @property
    def is_world(self) -> bool:
        """Whether the market's time is the world's: that of the machine."""

    def now_ns(self) -> int:
        """Return the market's time, nanoseconds since the epoch, UTC."""

    def monotonic_ns(self) -> int:
        """Return the machine's steady time in nanoseconds, for measuring durations."""

    def call_at(self, due_ns: int, callback: Callable[[], None]) -> Timer:
        """Call back once the market's time reaches `due_ns`."""


class SystemClock:
    """The real time; timers run on the running event loop."""

    now_ns: Callable[[], int]
    """Return the wall clock, nanoseconds since the epoch, UTC: the system's own function, for steps are stamped by it."""
    monotonic_ns: Callable[[], int]
    """Return the machine's steady time in nanoseconds."""

    def __init__(self) -> None:
        self.is_world = True
        self.now_ns = time.time_ns
        self.monotonic_ns = perf_counter_ns

    def cpu_ns(self) -> int:
        """Return the processor time this process has used, in nanoseconds."""
        return time.process_time_ns()

    def call_at(self, due_ns: int, callback: Callable[[], None]) -> Timer:
        """Call back on the running loop once `due_ns` has come."""
        timer = Timer(due_ns, callback)
        delay_s = max(0, due_ns - self.now_ns()) / NS_PER_S
        asyncio.get_running_loop().call_later(delay_s, timer.fire)
        return timer


class SimulatedClock:
    """Time that moves only when it is told: the simulation and the replay drive it."""

    monotonic_ns: Callable[[], int]
    """Return the machine's steady time in nanoseconds, or its own."""

    def __init__(self, start_ns: int, *, steady_is_own: bool = False) -> None:
        """Start at a time; with `steady_is_own` nothing depends on the machine, not even durations."""
        self.is_world = False
        self._now_ns = start_ns
        self.monotonic_ns = self.now_ns if steady_is_own else perf_counter_ns
        self._timers: list[tuple[int, int, Timer]] = []
        self._order = itertools.count()

    def now_ns(self) -> int:
        """Return the time it was last moved to, nanoseconds since the epoch, UTC."""
        return self._now_ns

    def call_at(self, due_ns: int, callback: Callable[[], None]) -> Timer:
        """Call back when the time is moved to `due_ns` or past it, earliest first."""
        timer = Timer(due_ns, callback)
        heappush(self._timers, (due_ns, next(self._order), timer))
        return timer

    def advance_to(self, now_ns: int) -> None:
        """Move the time forward, running each timer at its own time; never moves back."""
        timers = self._timers
        while timers and timers[0][0] <= now_ns:
            due_ns, _, timer = heappop(timers)
            self._now_ns = max(self._now_ns, due_ns)
            if not timer.cancelled:
                timer.callback()
        self._now_ns = max(self._now_ns, now_ns)

    def rewind_to(self, now_ns: int) -> None:
        """Forget all timers and start again at `now_ns`, for a jump within a recording."""
        self._timers.clear()
        self._now_ns = now_ns
