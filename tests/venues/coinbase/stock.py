"""Pairs and books to begin with."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from tests.venues.levels import TextLevel
from tests.venues.levels import ladder as ladder_of


@dataclass(frozen=True)
class Pair:
    """What trades, and its rules."""

    symbol: str
    price_decimals: int
    qty_decimals: int
    min_size: str = "0.00000001"
    max_size: str = "3400"
    min_funds: str = "1"
    status: str = "online"
    tick: str = ""
    """Empty: one of the last decimal."""
    mode: str = ""
    """The flag that is set: trading_disabled, cancel_only and the like."""

    @property
    def currencies(self) -> tuple[str, str]:
        """What is traded, and for what."""
        base, _, quote = self.symbol.partition("-")
        return base, quote

    def product(self, price: str, name: str = "") -> dict[str, Any]:
        """Return the pair as it is read over HTTP, or under another name that shares its market."""
        base, _ = self.currencies
        quote = (name or self.symbol).partition("-")[2]
        tick = self.tick or f"{Decimal(1).scaleb(-self.price_decimals):f}"
        flags = ("trading_disabled", "is_disabled", "cancel_only", "limit_only", "post_only", "auction_mode")
        return {
            "product_id": name or self.symbol,
            "price": price,
            "price_percentage_change_24h": "0.5",
            "volume_24h": "12000",
            "volume_percentage_change_24h": "1.5",
            "base_increment": f"{Decimal(1).scaleb(-self.qty_decimals):f}",
            "quote_increment": tick,
            "price_increment": tick,
            "quote_min_size": self.min_funds,
            "quote_max_size": "150000000",
            "base_min_size": self.min_size,
            "base_max_size": self.max_size,
            "base_name": base,
            "quote_name": quote,
            "base_currency_id": base,
            "quote_currency_id": quote,
            "base_display_symbol": base,
            "quote_display_symbol": quote,
            "watched": False,
            "new": False,
            "view_only": False,
            "status": self.status,
            "product_type": "SPOT",
            "fcm_trading_session_details": None,
            "mid_market_price": "",
            "alias": self.symbol if name else "",
            "alias_to": [],
            **{flag: flag == self.mode for flag in flags},
        }

    def told(self) -> dict[str, str]:
        """Return the pair as the status channel has it."""
        base, quote = self.currencies
        return {
            "product_type": "SPOT",
            "id": self.symbol,
            "base_currency": base,
            "quote_currency": quote,
            "base_increment": f"{Decimal(1).scaleb(-self.qty_decimals):f}",
            "quote_increment": f"{Decimal(1).scaleb(-self.price_decimals):f}",
            "display_name": f"{base}/{quote}",
            "status": self.status,
            "status_message": "",
            "min_market_funds": self.min_funds,
        }


BTC = Pair("BTC-USD", 2, 8)
ETH = Pair("ETH-USD", 2, 8, min_size="0.0001")
SHIB = Pair("SHIB-USD", 8, 0, min_size="1", max_size="410000000000")
PAIRS = (BTC, ETH, SHIB)
MIDS = {"BTC-USD": Decimal(61000), "ETH-USD": Decimal(2650), "SHIB-USD": Decimal("0.00000905")}
ALIASES = {"BTC-USDC": "BTC-USD"}
"""Names under which a market is sold as well, and whose name it is told by."""


def ladder(pair: Pair, mid: Decimal, levels: int) -> tuple[list[TextLevel], list[TextLevel]]:
    """Return bids and asks of a pair around a price."""
    bids, asks = ladder_of(pair.price_decimals, max(2, pair.qty_decimals), mid, levels)
    scale = 4 if pair.qty_decimals < 2 else 1

    def sized(side: list[TextLevel]) -> list[TextLevel]:
        return [(price, f"{Decimal(size) * scale:.{pair.qty_decimals}f}") for price, size in side]

    return sized(bids), sized(asks)
