"""How many rows count as one when each resembles the one before."""

from __future__ import annotations

from collections.abc import Sequence

from engine.signals.statistics.information import pearson
from engine.signals.statistics.ranks import ranks

ROWS_A_FRESH_ONE_MAX = 1_000.0


def rows_a_fresh_one(values: Sequence[float]) -> float:
    """Return (1 + r) / (1 - r) of the ranks' correlation r with the row before, 1 where there is none.

    It is by how much the variance of a mean grows where each value remembers the one before (AR(1)).
    """
    order = ranks(values)
    alike = max(0.0, pearson(order[:-1], order[1:]) or 0.0)
    return min(ROWS_A_FRESH_ONE_MAX, (1 + alike) / max(1 - alike, 1e-9))
