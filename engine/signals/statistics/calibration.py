"""Whether what is said to be likely comes that often: a table of ten equal bins, and the ECE."""

from __future__ import annotations

import math
from dataclasses import dataclass

from engine.signals.statistics.exact_sum import ExactSum

BINS = 10


@dataclass(frozen=True, slots=True)
class CalibrationRow:
    """One bin: how many, what was said and what came, as means."""

    low: float
    high: float
    count: int
    predicted: float | None
    observed: float | None


class Calibration:
    """Counts outcomes by the bin of their probability; O(1) each."""

    def __init__(self) -> None:
        self._counts = [0] * BINS
        self._ups = [0] * BINS
        self._sums = [ExactSum() for _ in range(BINS)]

    def add(self, probability: float, up: bool) -> None:
        """Count an outcome in."""
        place = _bin(probability)
        self._counts[place] += 1
        self._ups[place] += up
        self._sums[place].add(probability)

    def remove(self, probability: float, up: bool) -> None:
        """Count an outcome out that was counted in."""
        place = _bin(probability)
        self._counts[place] -= 1
        self._ups[place] -= up
        self._sums[place].remove(probability)

    def table(self) -> tuple[CalibrationRow, ...]:
        """Return all ten bins, the empty ones without means."""
        return tuple(self._row(place) for place in range(BINS))

    def _row(self, place: int) -> CalibrationRow:
        low, high, count = place / BINS, (place + 1) / BINS, self._counts[place]
        if not count:
            return CalibrationRow(low, high, 0, None, None)
        return CalibrationRow(low, high, count, self._sums[place].value / count, self._ups[place] / count)

    def error(self) -> float | None:
        """Return the ECE: |mean p - mean y| weighted by the count of the bin; None without outcomes."""
        total = sum(self._counts)
        gaps = (abs(s.value - ups) for s, ups in zip(self._sums, self._ups, strict=True))
        return math.fsum(gaps) / total if total else None


def _bin(probability: float) -> int:
    return min(BINS - 1, int(probability * BINS))
