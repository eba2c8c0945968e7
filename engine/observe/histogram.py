"""How long things take, counted by how long: what two programs counted can be added, and any thread may read it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from itertools import accumulate
from typing import Final

BOUNDS_S: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)


class Histogram:
    """Counts durations by the first bound that they do not exceed; written by one thread."""

    __slots__ = ("_counts", "total_s")

    def __init__(self) -> None:
        self._counts = [0] * (len(BOUNDS_S) + 1)
        self.total_s = 0.0
        """All of them together, seconds."""

    def record(self, duration_s: float) -> None:
        """Count one."""
        self._counts[bisect_left(BOUNDS_S, duration_s)] += 1
        self.total_s += duration_s

    @property
    def count(self) -> int:
        """How many there ever were."""
        return sum(self._counts)

    def buckets(self) -> Iterator[tuple[str, int]]:
        """Yield each bound, as Prometheus writes it, and how many did not exceed it."""
        names = (*(f"{bound:g}" for bound in BOUNDS_S), "+Inf")
        yield from zip(names, accumulate(self._counts.copy()), strict=True)
