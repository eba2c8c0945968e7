"""How long things take: a bounded window of durations, cheap to write, asked once a second."""

from __future__ import annotations

from math import ceil

WINDOW = 512
"""How many of the latest durations are kept."""


class Latency:
    """Remembers the latest durations of one kind, in nanoseconds."""

    __slots__ = ("_next", "_window", "count", "total_ns")

    def __init__(self) -> None:
        self._window: list[int] = []
        self._next = 0
        self.count = 0
        """How many there ever were."""
        self.total_ns = 0

    def record(self, duration_ns: int) -> None:
        """Take one in; the oldest gives way once the window is full."""
        self.count += 1
        self.total_ns += duration_ns
        window = self._window
        if len(window) < WINDOW:
            window.append(duration_ns)
            return
        window[self._next] = duration_ns
        self._next = (self._next + 1) % WINDOW

    def quantiles(self, *fractions: float) -> tuple[int, ...]:
        """Return the shortest duration that each fraction of the window does not exceed (nearest rank).

        Zeros while the window is empty.
        """
        ordered = sorted(self._window)
        if not ordered:
            return (0,) * len(fractions)
        return tuple(ordered[max(0, ceil(fraction * len(ordered)) - 1)] for fraction in fractions)
