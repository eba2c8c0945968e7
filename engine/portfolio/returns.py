"""Simple returns and what they come to.

Every function says None where its number is not defined: no data, one observation, nothing to divide by.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import accumulate, pairwise


def simple_returns(values: Sequence[float]) -> list[float]:
    """Return each value's change over the one before, as a fraction; values must be above 0."""
    return [after / before - 1.0 for before, after in pairwise(values)]


def wealth(returns: Sequence[float]) -> list[float]:
    """Return what 1 becomes, the starting 1 included."""
    return list(accumulate(returns, lambda value, change: value * (1.0 + change), initial=1.0))


def total_return(returns: Sequence[float]) -> float | None:
    """Return the product of all (1 + r), less 1."""
    return math.prod(1.0 + change for change in returns) - 1.0 if returns else None


def annual_return(returns: Sequence[float], periods: float) -> float | None:
    """Return the compound growth rate of a year of `periods`: (prod)^(periods / n) - 1."""
    if not returns:
        return None
    product = math.prod(1.0 + change for change in returns)
    return product ** (periods / len(returns)) - 1.0 if product > 0 else -1.0
