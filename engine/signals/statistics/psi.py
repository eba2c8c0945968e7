"""The population stability index, and the level that it passes by chance in one of a hundred samples.

Bins are those of the training deciles, [a, b), open at both ends. A fixed level is wrong for small samples:
without any drift the index is about (1/n + 1/m) x chi-squared(bins - 1).
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Sequence

from engine.signals.statistics import chi_squared

SHARE_MIN = 1e-4
"""A bin's share is at least this, so that an empty bin has a logarithm."""
LEVEL_MIN = 0.1
SAMPLE_MIN = 250
CONFIDENCE = 0.99


def counts(values: Iterable[float], edges: Sequence[float]) -> list[int]:
    """Count values by bin; a value at an edge is in the bin above it."""
    found = [0] * (len(edges) + 1)
    for value in values:
        found[bisect_right(edges, value)] += 1
    return found


def index(reference: Sequence[int], current: Sequence[int]) -> float | None:
    """Return sum((c - r) ln(c / r)) over shares of bins; None where either sample is empty."""
    before, now = sum(reference), sum(current)
    if not before or not now:
        return None
    shares = (
        (max(was / before, SHARE_MIN), max(is_now / now, SHARE_MIN))
        for was, is_now in zip(reference, current, strict=True)
    )
    return math.fsum((new - old) * math.log(new / old) for old, new in shares)


def null_level(reference_count: int, current_count: int, bins: int, confidence: float = CONFIDENCE) -> float:
    """Return the level that the index stays below with this confidence where nothing drifts."""
    return (1 / reference_count + 1 / current_count) * chi_squared.quantile(confidence, bins - 1)


def alarm_level(
    reference_count: int, current_count: int, bins: int, rows_a_fresh_one: float = 1.0
) -> float | None:
    """Return the level above which a window is out of line; None for a sample too small to judge.

    Rows that resemble the ones before count for less: `rows_a_fresh_one` of them are one.
    """
    if current_count < SAMPLE_MIN or not reference_count or bins < 2:
        return None
    return max(LEVEL_MIN, rows_a_fresh_one * null_level(reference_count, current_count, bins))
