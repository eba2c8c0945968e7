"""The chi-squared distribution: what is left above a value, and the value below a share."""

from __future__ import annotations

import math
from functools import lru_cache

STEPS_MAX = 10_000
NEGLIGIBLE = 1e-17


def below(value: float, degrees: int) -> float:
    """Return P(X <= value) by the series of the regularised lower incomplete gamma function."""
    if value <= 0:
        return 0.0
    shape, half = degrees / 2, value / 2
    term = total = 1 / shape
    for step in range(1, STEPS_MAX):
        term *= half / (shape + step)
        total += term
        if term < total * NEGLIGIBLE:
            break
    return min(1.0, total * math.exp(shape * math.log(half) - half - math.lgamma(shape)))


@lru_cache(maxsize=64)
def quantile(share: float, degrees: int) -> float:
    """Return the value that a share of the distribution is below, by halving.

    Raises:
        ValueError: The share is not between 0 and 1, or there is no degree of freedom.
    """
    if not 0 < share < 1 or degrees < 1:
        raise ValueError(
            f"a share between 0 and 1 and 1 degree or more are needed, not {share} and {degrees}"
        )
    low, high = 0.0, float(degrees)
    while below(high, degrees) < share:
        low, high = high, high * 2
    for _ in range(200):
        middle = (low + high) / 2
        if not low < middle < high:
            break
        low, high = (middle, high) if below(middle, degrees) < share else (low, middle)
    return high
