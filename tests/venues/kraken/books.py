"""The venue's books: full ones, and what a subscriber to some levels of them is told."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from tests.venues.kraken.checksum import checksum
from tests.venues.levels import Side, TextLevel


@dataclass(frozen=True)
class Pair:
    """What trades, and its rules."""

    symbol: str
    price_decimals: int
    qty_decimals: int
    price_increment: str
    qty_increment: str = "1e-08"
    qty_min: str = "0.0001"
    cost_min: str = "0.5"
    status: str = "online"

    def json(self) -> str:
        """Return the pair as the instrument channel has it."""
        base, _, quote = self.symbol.partition("/")
        return (
            f'{{"symbol":"{self.symbol}","base":"{base}","quote":"{quote}","status":"{self.status}",'
            f'"qty_precision":{self.qty_decimals},"qty_increment":{self.qty_increment},'
            f'"price_precision":{self.price_decimals},"cost_precision":5,"marginable":true,"has_index":true,'
            f'"cost_min":{self.cost_min},"margin_initial":0.2,"position_limit_long":250,'
            f'"position_limit_short":200,"tick_size":{self.price_increment},'
            f'"price_increment":{self.price_increment},"qty_min":{self.qty_min}}}'
        )


@dataclass
class Book:
    """One pair's book."""

    pair: Pair
    bids: Side = field(default_factory=lambda: Side(best_is_high=True))
    asks: Side = field(default_factory=lambda: Side(best_is_high=False))

    def tops(self, depth: int) -> tuple[list[TextLevel], list[TextLevel]]:
        """Return the best bids and asks."""
        return self.bids.ranked()[:depth], self.asks.ranked()[:depth]

    def checksum(self) -> int:
        """Return the checksum as it is now."""
        return checksum(self.asks.ranked(), self.bids.ranked())

    def touch(self) -> tuple[TextLevel, TextLevel]:
        """Return the best bid and ask."""
        (bid, *_), (ask, *_) = self.tops(1)
        return bid, ask


def told(before: list[TextLevel], now: list[TextLevel], there: dict[str, str]) -> list[TextLevel]:
    """Return what changed for who sees so many levels; nothing is said of one that was only pushed out."""
    zero = "0.00000000"
    gone = [(price, zero) for price, _ in before if price not in there]
    had = dict(before)
    return gone + [(price, quantity) for price, quantity in now if had.get(price) != quantity]


def levels_json(levels: Iterable[TextLevel]) -> str:
    """Return levels as JSON numbers with all the digits they are written with."""
    return ",".join(f'{{"price":{price},"qty":{quantity}}}' for price, quantity in levels)


def book_json(
    kind: str, symbol: str, bids: list[TextLevel], asks: list[TextLevel], proof: int, stamp: str
) -> str:
    """Return a message of the book channel."""
    time = f',"timestamp":"{stamp}"' if kind == "update" else ""
    return (
        f'{{"channel":"book","type":"{kind}","data":[{{"symbol":"{symbol}","bids":[{levels_json(bids)}],'
        f'"asks":[{levels_json(asks)}],"checksum":{proof}{time}}}]}}'
    )
