"""Falls from a peak: how deep, from when, until when, and when made good."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from engine.portfolio.returns import wealth


class Drawdown(NamedTuple):
    """The deepest fall; indices into the wealth series, whose first value is the start."""

    depth: float
    """A negative fraction of the peak, 0 when there was no fall."""
    peak_index: int
    trough_index: int
    recovery_index: int | None
    """The first value after the trough that reaches the peak again; None when none has."""


def max_drawdown(returns: Sequence[float]) -> Drawdown | None:
    """Return the deepest fall of wealth that starts at 1; None without returns.

    The start counts as a peak, so a first losing period is a drawdown.
    """
    return max_drawdown_of_wealth(wealth(returns)) if returns else None


def max_drawdown_of_wealth(values: Sequence[float]) -> Drawdown | None:
    """Return the deepest fall of a series of positive values; None when it is empty."""
    if not values:
        return None
    peak = depth_peak = trough = 0
    depth = 0.0
    for index, value in enumerate(values):
        if value > values[peak]:
            peak = index
        fall = value / values[peak] - 1.0 if values[peak] > 0 else 0.0
        if fall < depth:
            depth, depth_peak, trough = fall, peak, index
    return Drawdown(depth, depth_peak, trough, _recovery(values, depth_peak, trough))


def _recovery(values: Sequence[float], peak: int, trough: int) -> int | None:
    if trough == peak:
        return None
    level = values[peak]
    return next((index for index in range(trough, len(values)) if values[index] >= level), None)
