"""Quantiles of a sorted sample, linear between order statistics (Hyndman and Fan's type 7)."""

from __future__ import annotations

from collections.abc import Sequence


def quantile(ordered: Sequence[float], share: float) -> float:
    """Return the value at a share of a sorted sample.

    Raises:
        ValueError: The sample is empty.
    """
    if not ordered:
        raise ValueError("an empty sample has no quantile")
    place = share * (len(ordered) - 1)
    index = min(int(place), len(ordered) - 2) if len(ordered) > 1 else 0
    if len(ordered) == 1:
        return ordered[0]
    low, high, part = ordered[index], ordered[index + 1], place - index
    return low + (high - low) * part if part < 0.5 else high - (high - low) * (1 - part)


def deciles(ordered: Sequence[float]) -> tuple[float, ...]:
    """Return the nine inner deciles of a sorted sample."""
    return tuple(quantile(ordered, step / 10) for step in range(1, 10))
