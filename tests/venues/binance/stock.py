"""Pairs and books to begin with."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from tests.venues.levels import TextLevel
from tests.venues.levels import ladder as ladder_of

PADDED = 8
"""Every number is written with so many decimals, whatever its steps."""


@dataclass(frozen=True)
class Pair:
    """What trades, and its rules."""

    symbol: str
    base: str
    quote: str
    price_decimals: int
    qty_decimals: int
    min_notional: str = "5.00000000"
    status: str = "TRADING"
    tick: str = ""
    """Empty: one of the last decimal."""
    max_qty: str = "9000.00000000"

    def json(self) -> dict[str, Any]:
        """Return the pair as exchangeInfo has it."""
        tick = self.tick or _padded(Decimal(1).scaleb(-self.price_decimals))
        step = _padded(Decimal(1).scaleb(-self.qty_decimals))
        return {
            "symbol": self.symbol,
            "status": self.status,
            "baseAsset": self.base,
            "baseAssetPrecision": PADDED,
            "quoteAsset": self.quote,
            "quotePrecision": PADDED,
            "quoteAssetPrecision": PADDED,
            "baseCommissionPrecision": PADDED,
            "quoteCommissionPrecision": PADDED,
            "orderTypes": [
                "LIMIT",
                "LIMIT_MAKER",
                "MARKET",
                "STOP_LOSS",
                "STOP_LOSS_LIMIT",
                "TAKE_PROFIT_LIMIT",
            ],
            "icebergAllowed": True,
            "ocoAllowed": True,
            "isSpotTradingAllowed": True,
            "isMarginTradingAllowed": False,
            "permissions": [],
            "permissionSets": [["SPOT"]],
            "defaultSelfTradePreventionMode": "NONE",
            "allowedSelfTradePreventionModes": ["NONE"],
            "filters": [
                {
                    "filterType": "PRICE_FILTER",
                    "minPrice": tick,
                    "maxPrice": "1000000.00000000",
                    "tickSize": tick,
                },
                {"filterType": "LOT_SIZE", "minQty": step, "maxQty": self.max_qty, "stepSize": step},
                {"filterType": "ICEBERG_PARTS", "limit": 10},
                {
                    "filterType": "MARKET_LOT_SIZE",
                    "minQty": "0.00000000",
                    "maxQty": "115.00000000",
                    "stepSize": "0.00000000",
                },
                {"filterType": "TRAILING_DELTA", "minTrailingAboveDelta": 10, "maxTrailingAboveDelta": 2000},
                {
                    "filterType": "NOTIONAL",
                    "minNotional": self.min_notional,
                    "applyMinToMarket": True,
                    "maxNotional": "9000000.00000000",
                    "applyMaxToMarket": False,
                    "avgPriceMins": 5,
                },
                {"filterType": "MAX_NUM_ORDERS", "maxNumOrders": 200},
            ],
        }


BTC = Pair("BTCUSDT", "BTC", "USDT", 2, 5)
ETH = Pair("ETHUSDT", "ETH", "USDT", 2, 4)
PEPE = Pair("PEPEUSDT", "PEPE", "USDT", 8, 0, min_notional="1.00000000", max_qty="46116860414.00000000")
PAIRS = (BTC, ETH, PEPE)
MIDS = {"BTCUSDT": Decimal(61000), "ETHUSDT": Decimal(2650), "PEPEUSDT": Decimal("0.00000905")}


def ladder(pair: Pair, mid: Decimal, levels: int) -> tuple[list[TextLevel], list[TextLevel]]:
    """Return bids and asks of a pair around a price."""
    bids, asks = ladder_of(pair.price_decimals, max(2, pair.qty_decimals), mid, levels)
    scale = 4 if pair.qty_decimals < 2 else 1
    return [
        [(price, f"{Decimal(quantity) * scale:.{pair.qty_decimals}f}") for price, quantity in side]
        for side in (bids, asks)
    ]  # type: ignore[return-value]


def _padded(number: Decimal) -> str:
    return f"{number:.{PADDED}f}"


def padded(text: str) -> str:
    """Return a number as the venue writes it."""
    return _padded(Decimal(text))
