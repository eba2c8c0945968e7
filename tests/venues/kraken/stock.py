"""Pairs and books to begin with."""

from __future__ import annotations

from decimal import Decimal

from tests.venues.kraken.books import Pair
from tests.venues.levels import TextLevel
from tests.venues.levels import ladder as ladder_of

BTC = Pair("BTC/USD", 1, 8, "0.1")
ETH = Pair("ETH/USD", 2, 8, "0.01", qty_min="0.002")
DOGE = Pair("DOGE/EUR", 7, 8, "0.0000001", qty_min="50")
PAIRS = (BTC, ETH, DOGE)
MIDS = {"BTC/USD": Decimal("61000.0"), "ETH/USD": Decimal("2650.00"), "DOGE/EUR": Decimal("0.0905000")}


def ladder(pair: Pair, mid: Decimal, levels: int) -> tuple[list[TextLevel], list[TextLevel]]:
    """Return bids and asks of a pair around a price."""
    return ladder_of(pair.price_decimals, pair.qty_decimals, mid, levels)
