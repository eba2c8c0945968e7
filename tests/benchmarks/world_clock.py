"""The machine's time without an event loop, for orders that are timed one after another."""

from __future__ import annotations

import time
from collections.abc import Callable

from engine.clock import NS_PER_S, Timer


class WorldClock:
    """Tells the time as the program's own clock does; what is due at once runs when it is told to, what is due later never."""

    def __init__(self) -> None:
        self.is_world = True
        self.now_ns: Callable[[], int] = time.time_ns
        self.monotonic_ns = time.perf_counter_ns
        self._due: list[Timer] = []
        self._until_ns = 0

    def begin(self) -> int:
        """Forget the timers of before, and return the time."""
        self._due.clear()
        now_ns = self.now_ns()
        self._until_ns = now_ns + NS_PER_S
        return now_ns

    def call_at(self, due_ns: int, callback: Callable[[], None]) -> Timer:
        """Keep a timer that is due within a second of the beginning."""
        timer = Timer(due_ns, callback)
        if due_ns < self._until_ns:
            self._due.append(timer)
        return timer

    def run_due(self) -> None:
        """Run what is due, and what that makes due, in the order in which it was asked for."""
        for timer in self._due:  # it grows meanwhile
            timer.fire()
