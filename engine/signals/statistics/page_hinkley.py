"""Page and Hinkley's test for a mean that rises (Page 1954; Gama et al. 2014, section 3.2.2)."""

from __future__ import annotations

import math


class PageHinkley:
    """Watches a stream: U += x - mean - slack; a rise is U above its lowest by more than the threshold."""

    def __init__(
        self, *, slack: float = 0.005, threshold: float = 5.0, keep: float = 1.0, count_min: int = 30
    ) -> None:
        self._slack, self._threshold, self._keep, self._count_min = slack, threshold, keep, count_min
        self._begin()

    def _begin(self) -> None:
        self._count, self._mean, self._sum, self._lowest = 0, 0.0, 0.0, math.inf

    def update(self, value: float) -> bool:
        """Take a value; return whether the mean rose. After a rise it begins anew.

        Raises:
            ValueError: The value is not finite.
        """
        if not math.isfinite(value):
            raise ValueError(f"a finite error was expected, not {value}")
        self._count += 1
        self._mean += (value - self._mean) / self._count
        self._sum = self._keep * self._sum + value - self._mean - self._slack
        self._lowest = min(self._lowest, self._sum)
        rose = self._count >= self._count_min and self._sum - self._lowest > self._threshold
        if rose:
            self._begin()
        return rose
