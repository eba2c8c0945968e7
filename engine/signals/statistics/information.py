"""The information coefficient: how well predictions order what came.

None where a side does not vary. Overlapping labels repeat themselves: t counts n / horizon outcomes.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from engine.signals.statistics.ranks import ranks

ZERO = 1e-12


def pearson(first: Sequence[float], second: Sequence[float]) -> float | None:
    """Return the correlation of two samples of one length."""
    if len(first) != len(second):
        raise ValueError(f"{len(first)} predictions can't be compared with {len(second)} outcomes")
    if len(first) < 2:
        return None
    one, two = math.fsum(first) / len(first), math.fsum(second) / len(second)
    left, right = [value - one for value in first], [value - two for value in second]
    size = math.sqrt(math.fsum(x * x for x in left)) * math.sqrt(math.fsum(x * x for x in right))
    if size <= ZERO * max(abs(one * two), ZERO):
        return None
    shared = math.fsum(x * y for x, y in zip(left, right, strict=True))
    return min(1.0, max(-1.0, shared / size))


def spearman(first: Sequence[float], second: Sequence[float]) -> float | None:
    """Return the correlation of the ranks of two samples."""
    return pearson(ranks(first), ranks(second))


def t_value(coefficient: float | None, count: int, horizon: int = 1) -> float | None:
    """Return rho sqrt((n - 2) / (1 - rho^2)) with n = count / horizon; None from 2 outcomes or fewer."""
    independent = count / horizon
    if coefficient is None or independent <= 2 or abs(coefficient) >= 1:
        return None
    return coefficient * math.sqrt((independent - 2) / (1 - coefficient**2))
