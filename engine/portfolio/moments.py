"""Mean, deviation and shape of a sample."""

from __future__ import annotations

import math
from collections.abc import Sequence
from operator import mul

ZERO = 1e-12
"""A deviation below this is rounding, not risk."""


def mean(values: Sequence[float]) -> float | None:
    """Return the mean; None of nothing."""
    return math.fsum(values) / len(values) if values else None


def deviation(values: Sequence[float]) -> float | None:
    """Return the sample standard deviation (n - 1); None below two values, 0 when it is only rounding."""
    if len(values) < 2:
        return None
    centred = _centred(values)
    found = math.sqrt(math.fsum(map(mul, centred, centred)) / (len(values) - 1))
    return found if found >= ZERO else 0.0


def covariance(left: Sequence[float], right: Sequence[float]) -> float | None:
    """Return the sample covariance (n - 1) of two series of one length; None below two values."""
    if len(left) < 2:
        return None
    return math.fsum(map(mul, _centred(left), _centred(right))) / (len(left) - 1)


def correlation(left: Sequence[float], right: Sequence[float]) -> float | None:
    """Return Pearson's correlation; None when either does not move."""
    shared, of_left, of_right = covariance(left, right), deviation(left), deviation(right)
    return shared / (of_left * of_right) if shared is not None and of_left and of_right else None


def skew(values: Sequence[float]) -> float | None:
    """Return the population skewness m3 / m2^1.5; None when nothing moves."""
    second, third = _moment(values, 2), _moment(values, 3)
    return third / second**1.5 if second > ZERO**2 else None


def excess_kurtosis(values: Sequence[float]) -> float | None:
    """Return the population kurtosis m4 / m2^2, less 3; None when nothing moves."""
    second, fourth = _moment(values, 2), _moment(values, 4)
    return fourth / second**2 - 3.0 if second > ZERO**2 else None


def _centred(values: Sequence[float]) -> list[float]:
    centre = math.fsum(values) / len(values)
    return [value - centre for value in values]


def _moment(values: Sequence[float], power: int) -> float:
    if not values:
        return 0.0
    return math.fsum(value**power for value in _centred(values)) / len(values)
