"""The value that so many of a hundred are not above."""

from __future__ import annotations

from collections.abc import Sequence


def nearest_rank(values: Sequence[float], percent: int) -> float:
    """Return the percentile of values that are in order, by the nearest rank; 0 of none."""
    return values[max(0, -(-len(values) * percent // 100) - 1)] if values else 0.0
