"""Exponentially weighted volatility (RiskMetrics): zero mean, decay .94, for the period to come."""

from __future__ import annotations

import math
from collections.abc import Sequence

DECAY = 0.94


def ewma_path(returns: Sequence[float], seed: float | None = None, decay: float = DECAY) -> list[float]:
    """Return the deviation forecast before each return, and last the one for the next period.

    The variance starts at `seed`; without one, at the square of the first return, which then is not
    counted again: s2 becomes decay x s2 + (1 - decay) x r^2.
    """
    if not returns:
        return []
    variance = returns[0] ** 2 if seed is None else seed
    path = [math.sqrt(variance)]
    for change in returns:
        variance = decay * variance + (1.0 - decay) * change * change
        path.append(math.sqrt(variance))
    return path


def ewma_volatility(returns: Sequence[float], seed: float | None = None) -> float | None:
    """Return the deviation expected of the next period; None without returns."""
    path = ewma_path(returns, seed)
    return path[-1] if path else None
