"""The venue's books, numbered; and its minutes and prints as they are told."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from tests.venues.binance.stock import Pair, padded
from tests.venues.levels import Side, TextLevel

PRINTS_KEPT = 1000
MINUTE_MS = 60_000


@dataclass(frozen=True)
class Print:
    """One trade."""

    number: int
    price: str
    quantity: str
    at_ms: int
    buyer_is_maker: bool

    def told(self, symbol: str, now_ms: int) -> dict[str, Any]:
        """Return it as the stream has it."""
        return {
            "e": "trade",
            "E": now_ms,
            "s": symbol,
            "t": self.number,
            "p": padded(self.price),
            "q": padded(self.quantity),
            "T": self.at_ms,
            "m": self.buyer_is_maker,
            "M": True,
        }

    def read(self) -> dict[str, Any]:
        """Return it as it is read over HTTP."""
        return {
            "id": self.number,
            "price": padded(self.price),
            "qty": padded(self.quantity),
            "quoteQty": padded(str(Decimal(self.price) * Decimal(self.quantity))),
            "time": self.at_ms,
            "isBuyerMaker": self.buyer_is_maker,
            "isBestMatch": True,
        }


@dataclass
class Book:
    """One pair's book; every level that changes counts one."""

    pair: Pair
    last_id: int = 1_000_000
    bids: Side = field(default_factory=lambda: Side(best_is_high=True))
    asks: Side = field(default_factory=lambda: Side(best_is_high=False))
    prints: deque[Print] = field(default_factory=lambda: deque(maxlen=PRINTS_KEPT))

    def touch(self) -> tuple[TextLevel, TextLevel]:
        """Return the best bid and ask."""
        return self.bids.ranked()[0], self.asks.ranked()[0]

    def tops(self, depth: int) -> tuple[list[TextLevel], list[TextLevel]]:
        """Return the best bids and asks."""
        return self.bids.ranked()[:depth], self.asks.ranked()[:depth]

    def change(self, bids: list[TextLevel], asks: list[TextLevel]) -> int:
        """Change levels; return the number of the first change."""
        first = self.last_id + 1
        self.bids.change(bids)
        self.asks.change(asks)
        self.last_id += max(1, len(bids) + len(asks))
        return first

    def delta(self, first: int, bids: list[TextLevel], asks: list[TextLevel], now_ms: int) -> dict[str, Any]:
        """Return changes as the stream has them."""
        return {
            "e": "depthUpdate",
            "E": now_ms,
            "s": self.pair.symbol,
            "U": first,
            "u": self.last_id,
            "b": levels_of(bids),
            "a": levels_of(asks),
        }

    def best(self) -> dict[str, Any]:
        """Return the touch as the stream has it: without a time."""
        (bid, bids), (ask, asks) = self.touch()
        texts = {"b": padded(bid), "B": padded(bids), "a": padded(ask), "A": padded(asks)}
        return {"u": self.last_id, "s": self.pair.symbol, **texts}

    def snapshot(self, levels: int) -> str:
        """Return the book as it is read over HTTP."""
        bids, asks = self.tops(levels)
        return json.dumps({"lastUpdateId": self.last_id, "bids": levels_of(bids), "asks": levels_of(asks)})

    def minutes(self, count: int, now_ms: int) -> list[list[Any]]:
        """Return minutes up to now, whose close is the bid; every one has a trade of one coin."""
        now_ms -= now_ms % MINUTE_MS
        price, decimals = Decimal(self.touch()[0][0]), self.pair.price_decimals
        rows: list[list[Any]] = []
        for back in range(count - 1, -1, -1):
            close = padded(str(price - Decimal(back % 7).scaleb(-decimals)))
            open_ms, one = now_ms - MINUTE_MS * back, padded("1")
            times = (open_ms, open_ms + MINUTE_MS - 1)
            rows.append([times[0], *(close,) * 4, one, times[1], close, 1, one, close, "0"])
        return rows


def levels_of(levels: Iterable[TextLevel]) -> list[list[str]]:
    """Return levels as the venue writes them."""
    return [[padded(price), padded(quantity)] for price, quantity in levels]
