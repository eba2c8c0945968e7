"""Intervals of 95% around scores. `fresh` is how many outcomes there are that say something of their own: count / horizon."""

from __future__ import annotations

import math
from collections.abc import Sequence

from engine.signals.statistics.hit_rate import Z_95

Interval = tuple[float, float]


def of_mean(values: Sequence[float], fresh: float) -> Interval | None:
    """Return the interval of a mean by its standard error; None from less than two outcomes."""
    if len(values) < 2 or fresh < 2:
        return None
    mean = math.fsum(values) / len(values)
    spread = math.sqrt(math.fsum((value - mean) ** 2 for value in values) / (len(values) - 1))
    half = Z_95 * spread / math.sqrt(fresh)
    return mean - half, mean + half


def of_auc(auc: float, ups: float, downs: float) -> Interval | None:
    """Return the interval of an AUC of so many fresh ups and downs (Hanley and McNeil 1982); None below one of either."""
    if min(ups, downs) < 1:
        return None
    square, both_above = auc * auc, auc / (2 - auc)
    above_both = 2 * square / (1 + auc)
    spread = auc * (1 - auc) + (ups - 1) * (both_above - square) + (downs - 1) * (above_both - square)
    half = Z_95 * math.sqrt(max(0.0, spread) / (ups * downs))
    return max(0.0, auc - half), min(1.0, auc + half)


def of_correlation(correlation: float, fresh: float) -> Interval | None:
    """Return the interval of a correlation by Fisher's z (Fisher 1915); None from three outcomes or fewer."""
    if fresh <= 3 or abs(correlation) >= 1:
        return None
    middle, half = math.atanh(correlation), Z_95 / math.sqrt(fresh - 3)
    return math.tanh(middle - half), math.tanh(middle + half)
