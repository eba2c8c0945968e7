"""The share of predictions that had the direction right, with Wilson's interval (Wilson 1927)."""

from __future__ import annotations

import math
from dataclasses import dataclass

Z_95 = 1.959963984540054


@dataclass(frozen=True, slots=True)
class HitRate:
    """A share and the interval that holds the true one in 95 of 100 cases."""

    rate: float
    low: float
    high: float


def hit_rate(hits: int, count: int, z: float = Z_95) -> HitRate | None:
    """Return hits / count with its interval; None where nothing was predicted."""
    if not count:
        return None
    rate, square = hits / count, z * z
    middle = (rate + square / (2 * count)) / (1 + square / count)
    half = z / (1 + square / count) * math.sqrt(rate * (1 - rate) / count + square / (4 * count * count))
    return HitRate(rate, max(0.0, min(rate, middle - half)), min(1.0, max(rate, middle + half)))
