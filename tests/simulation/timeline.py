"""One steady course of events, and the clocks that read it: each has its own idea of the date."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable

from engine.clock import Timer


class Timeline:
    """What happens when, in steady nanoseconds since the run began."""

    def __init__(self) -> None:
        self.now_ns = 0
        self._due: list[tuple[int, int, Callable[[], None]]] = []
        self._order = itertools.count()

    def call_at(self, due_ns: int, callback: Callable[[], None]) -> None:
        """Call back when that moment comes, those of one moment in the order in which they asked."""
        heapq.heappush(self._due, (max(due_ns, self.now_ns), next(self._order), callback))

    def run_to(self, end_ns: int) -> None:
        """Let happen what is due until then."""
        due = self._due
        while due and due[0][0] <= end_ns:
            self.now_ns, _, callback = heapq.heappop(due)
            callback()
        self.now_ns = end_ns


class MachineClock:
    """A machine's clock: its date may be set, its steady time goes on, and timers keep to the steady time."""

    def __init__(self, timeline: Timeline, start_ns: int) -> None:
        self.is_world = False
        self._timeline = timeline
        self._start_ns = start_ns
        self._life = 0
        self.behind_ns = 0
        """How far the date lies behind the latest it was set to."""

    def now_ns(self) -> int:
        """Return the date and time that it believes in, nanoseconds since the epoch, UTC."""
        return self._start_ns + self._timeline.now_ns

    def monotonic_ns(self) -> int:
        """Return the steady time."""
        return self._timeline.now_ns

    def call_at(self, due_ns: int, callback: Callable[[], None]) -> Timer:
        """Call back after as long as it is until then by the date of now, as the system's loop does."""
        timer, life = Timer(due_ns, callback), self._life
        wait_ns = max(0, due_ns - self.now_ns())
        self._timeline.call_at(
            self._timeline.now_ns + wait_ns, lambda: timer.fire() if life == self._life else None
        )
        return timer

    def set_by(self, step_ns: int) -> None:
        """Set the date forward or back."""
        self._start_ns += step_ns
        self.behind_ns = max(0, self.behind_ns - step_ns)

    def forget(self) -> None:
        """Let no timer of this life fire: the process that set them is gone."""
        self._life += 1
