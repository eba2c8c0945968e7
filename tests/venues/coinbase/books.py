"""The venue's books, prints and minutes as they are told."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from tests.venues.coinbase.stock import Pair
from tests.venues.levels import Side, TextLevel

PRINTS_KEPT = 100
MINUTE_S = 60
MAKERS = {"buy": "SELL", "sell": "BUY"}
"""A print names the side that rested; here one says who took."""


@dataclass(frozen=True)
class Print:
    """One trade."""

    number: int
    symbol: str
    side: str
    price: str
    quantity: str
    when: str

    def told(self) -> dict[str, str]:
        """Return it as the venue has it."""
        return {
            "trade_id": str(self.number),
            "product_id": self.symbol,
            "price": self.price,
            "size": self.quantity,
            "side": MAKERS[self.side],
            "time": self.when,
        }


@dataclass
class Book:
    """One pair's book."""

    pair: Pair
    bids: Side = field(default_factory=lambda: Side(best_is_high=True))
    asks: Side = field(default_factory=lambda: Side(best_is_high=False))
    prints: deque[Print] = field(default_factory=lambda: deque(maxlen=PRINTS_KEPT))

    def touch(self) -> tuple[TextLevel, TextLevel]:
        """Return the best bid and ask."""
        return self.bids.ranked()[0], self.asks.ranked()[0]

    def tops(self, depth: int) -> tuple[list[TextLevel], list[TextLevel]]:
        """Return the best bids and asks."""
        return self.bids.ranked()[:depth], self.asks.ranked()[:depth]

    def event(
        self, kind: str, bids: Iterable[TextLevel], asks: Iterable[TextLevel], when: str
    ) -> dict[str, Any]:
        """Return levels as the stream has them."""
        sides = (("bid", bids), ("offer", asks))
        updates = [
            {"side": side, "event_time": when, "price_level": price, "new_quantity": quantity}
            for side, levels in sides
            for price, quantity in levels
        ]
        return {"type": kind, "product_id": self.pair.symbol, "updates": updates}

    def ticker(self) -> dict[str, str]:
        """Return the touch and the day as the stream has them."""
        (bid, bids), (ask, asks) = self.touch()
        day = ("low_24_h", "high_24_h", "low_52_w", "high_52_w")
        return {
            "type": "ticker",
            "product_id": self.pair.symbol,
            "price": self.prints[-1].price if self.prints else bid,
            "volume_24_h": "16038.28770938",
            **dict.fromkeys(day, bid),
            "price_percent_chg_24_h": "-4.15775596190603",
            "best_bid": bid,
            "best_bid_quantity": bids,
            "best_ask": ask,
            "best_ask_quantity": asks,
        }

    def minutes(self, start_s: int, end_s: int, now_s: int) -> list[dict[str, str]]:
        """Return the minutes that begin between two times, newest first; every one has a trade of one coin."""
        price, decimals = Decimal(self.touch()[0][0]), self.pair.price_decimals
        rows: list[dict[str, str]] = []
        first = -(-start_s // MINUTE_S) * MINUTE_S
        for start in range(first, min(end_s, now_s) + 1, MINUTE_S):
            close = f"{price - Decimal(start // MINUTE_S % 7).scaleb(-decimals):.{decimals}f}"
            prices = dict.fromkeys(("low", "high", "open", "close"), close)
            rows.append({"start": str(start), **prices, "volume": "1"})
        return rows[::-1]
