"""Was the VaR right? Counts its exceptions and tests their number and their clustering.

Kupiec (1995) tests the number, Christoffersen (1998) whether one follows another.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple


class Transitions(NamedTuple):
    """How often a day of one kind followed another: `n01` is an exception after none."""

    n00: int
    n01: int
    n10: int
    n11: int


def transitions(hits: Sequence[bool]) -> Transitions:
    """Count the n - 1 pairs of neighbouring days."""
    counts = [0, 0, 0, 0]
    for before, after in pairwise(hits):
        counts[2 * bool(before) + bool(after)] += 1
    return Transitions(*counts)


def kupiec(hits: Sequence[bool], tail: float) -> float | None:
    """Return the likelihood ratio that the number of exceptions fits `tail`; chi-squared, 1 degree."""
    days, exceptions = len(hits), sum(hits)
    if not days:
        return None
    expected = _log_likelihood(days - exceptions, exceptions, tail)
    observed = _log_likelihood(days - exceptions, exceptions, exceptions / days)
    return max(0.0, -2.0 * (expected - observed))


def independence(hits: Sequence[bool]) -> float | None:
    """Return the likelihood ratio that exceptions come alone; chi-squared, 1 degree."""
    n00, n01, n10, n11 = transitions(hits)
    pairs = n00 + n01 + n10 + n11
    if not pairs:
        return None
    alone = _log_likelihood(n00 + n10, n01 + n11, (n01 + n11) / pairs)
    after_none = _log_likelihood(n00, n01, n01 / (n00 + n01) if n00 + n01 else 0.0)
    after_one = _log_likelihood(n10, n11, n11 / (n10 + n11) if n10 + n11 else 0.0)
    return max(0.0, -2.0 * (alone - after_none - after_one))


def conditional_coverage(hits: Sequence[bool], tail: float) -> float | None:
    """Return both tests' sum; chi-squared, 2 degrees."""
    number, order = kupiec(hits, tail), independence(hits)
    return number + order if number is not None and order is not None else None


def chi_squared_tail(statistic: float, degrees: int) -> float:
    """Return the probability of a larger chi-squared value, in closed form for 1 and 2 degrees.

    Raises:
        ValueError: any other number of degrees.
    """
    if degrees == 1:
        return math.erfc(math.sqrt(statistic / 2.0))
    if degrees == 2:
        return math.exp(-statistic / 2.0)
    raise ValueError(f"expected 1 or 2 degrees of freedom, found {degrees}")


def _log_likelihood(misses: int, hits: int, chance: float) -> float:
    """Return ln((1 - p)^misses x p^hits), where 0 ln 0 is 0."""
    of_misses = misses * math.log1p(-chance) if misses else 0.0
    of_hits = hits * math.log(chance) if hits else 0.0
    return of_misses + of_hits
