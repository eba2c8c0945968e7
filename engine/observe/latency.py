"""How long things take: a bounded window of durations, cheap to write, asked once a second."""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from collections.abc import Callable, Iterator
from itertools import accumulate
from math import ceil
from typing import Final

from engine.clock import NS_PER_S

WINDOW = 512
"""How many of the latest durations are kept."""
KEPT_NS = 60 * NS_PER_S
"""How long a duration counts: what was slow once is told for a minute, not for ever."""
BOUNDS_US: Final = (
    *(50, 100, 250, 500),
    *(1_000, 2_500, 5_000, 10_000, 16_000, 25_000, 50_000, 100_000, 250_000, 500_000),
    *(1_000_000, 1_500_000, 2_500_000, 5_000_000, 10_000_000),
)
"""Where the buckets of a histogram end: a frame (16 ms) and the promised 1.5 s from source to screen among them."""
LATE_NS: Final = 250_000_000
"""A look of the engine's loop that comes this late hinders who trades; one of the bounds."""
_ENDS: Final = (*(f"{bound_us / 1_000_000:g}" for bound_us in BOUNDS_US), "+Inf")
_BOUNDS_NS: Final = tuple(bound_us * 1_000 for bound_us in BOUNDS_US)


class Latency:
    """Remembers the latest durations of one kind, in nanoseconds."""

    __slots__ = ("_latest", "_monotonic_ns", "buckets", "count", "total_ns")

    def __init__(self, monotonic_ns: Callable[[], int]) -> None:
        self._monotonic_ns = monotonic_ns
        self._latest: deque[tuple[int, int]] = deque(maxlen=WINDOW)
        """When each was taken in, by steady time, and how long it was."""
        self.count = 0
        """How many there ever were."""
        self.total_ns = 0
        self.buckets = [0] * (len(_BOUNDS_NS) + 1)
        """How many there ever were up to each bound and above the one before; the last are above all."""

    def record(self, duration_ns: int) -> None:
        """Take one in; the oldest gives way once the window is full."""
        self.count += 1
        self.total_ns += duration_ns
        self.buckets[bisect_left(_BOUNDS_NS, duration_ns)] += 1
        self._latest.append((self._monotonic_ns(), duration_ns))

    def cumulated(self) -> Iterator[tuple[str, int]]:
        """Yield each bound in seconds, as Prometheus writes it, and how many did not exceed it; any thread may ask."""
        yield from zip(_ENDS, accumulate(self.buckets), strict=True)

    def longer_than(self, bound_ns: int) -> int:
        """Return how many there ever were that exceed one of the bounds."""
        return sum(self.buckets[_BOUNDS_NS.index(bound_ns) + 1 :])

    @property
    def recent(self) -> int:
        """How many of the window are recent enough to count."""
        since_ns, latest = self._monotonic_ns() - KEPT_NS, self._latest
        while latest and latest[0][0] < since_ns:
            latest.popleft()
        return len(latest)

    def quantiles(self, *fractions: float) -> tuple[int, ...]:
        """Return the shortest duration that each fraction of the recent ones does not exceed (nearest rank).

        Zeros where none is recent.
        """
        if not self.recent:
            return (0,) * len(fractions)
        ordered = sorted(duration_ns for _, duration_ns in self._latest)
        return tuple(ordered[max(0, ceil(fraction * len(ordered)) - 1)] for fraction in fractions)
