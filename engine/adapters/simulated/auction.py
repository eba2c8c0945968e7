"""The call auction that opens and reopens a market: everyone at one price, as much as can trade."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

Interest = tuple[int, int]
"""A limit price and a size, in units."""


def clear(bids: Sequence[Interest], asks: Sequence[Interest], reference: int) -> tuple[int, int]:
    """Find the price at which most can trade, and how much.

    Of several such prices the one with the smallest imbalance wins, then the one nearest to the
    reference, then the lower; price and size are 0 when nothing can trade.
    """
    demand = _at_or_better(bids, descending=True)
    supply = _at_or_better(asks, descending=False)
    best_rank: tuple[int, int, int, int] | None = None
    for price in sorted({price for price, _ in (*bids, *asks)}):
        buy, sell = _demand_at(demand, price), _supply_at(supply, price)
        rank = (-min(buy, sell), abs(buy - sell), abs(price - reference), price)
        if best_rank is None or rank < best_rank:
            best_rank = rank
    if best_rank is None or best_rank[0] == 0:
        return 0, 0
    return best_rank[3], -best_rank[0]


def _at_or_better(interests: Sequence[Interest], *, descending: bool) -> list[Interest]:
    ordered = sorted(interests, key=lambda interest: interest[0], reverse=descending)
    totals = accumulate(size for _, size in ordered)
    return [(price, total) for (price, _), total in zip(ordered, totals, strict=True)]


def _demand_at(demand: Sequence[Interest], price: int) -> int:
    return max((total for limit, total in demand if limit >= price), default=0)


def _supply_at(supply: Sequence[Interest], price: int) -> int:
    return max((total for limit, total in supply if limit <= price), default=0)
