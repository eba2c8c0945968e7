"""A market that moves by chance, from one seed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from random import Random
from typing import Protocol

from tests.venues.levels import Side, TextLevel


class WalkedPair(Protocol):
    """With how many decimals a pair is written."""

    @property
    def price_decimals(self) -> int: ...

    @property
    def qty_decimals(self) -> int: ...


class WalkedBook(Protocol):
    """A venue's book."""

    bids: Side
    asks: Side

    @property
    def pair(self) -> WalkedPair: ...

    def touch(self) -> tuple[TextLevel, TextLevel]: ...


class WalkedFloor(Protocol):
    """A venue, whichever it is."""

    @property
    def books(self) -> Mapping[str, WalkedBook]: ...

    def change(self, symbol: str, bids: Iterable[TextLevel] = (), asks: Iterable[TextLevel] = ()) -> None: ...

    def trade(self, symbol: str, side: str, price: str, quantity: str) -> object: ...


class Walk:
    """Changes one book at each step; every few steps somebody trades."""

    def __init__(self, floor: WalkedFloor, seed: int) -> None:
        self._floor = floor
        self._random = Random(seed)

    def step(self) -> None:
        """Let one thing happen."""
        random, floor = self._random, self._floor
        symbol = random.choice(sorted(floor.books))
        book = floor.books[symbol]
        pair, (bid, ask) = book.pair, book.touch()
        step = Decimal(1).scaleb(-pair.price_decimals)
        quantity = f"{random.randint(1, 400) / 100:.{pair.qty_decimals}f}"
        spread = Decimal(ask[0]) - Decimal(bid[0])
        match random.randrange(4):
            case 0 if spread > step:  # somebody improves
                floor.change(symbol, bids=[(f"{Decimal(bid[0]) + step:.{pair.price_decimals}f}", quantity)])
            case 1 if len(book.asks.levels) > 20:  # the best offer is taken
                floor.change(symbol, asks=[(ask[0], "0")])
                floor.trade(symbol, "buy", ask[0], ask[1])
            case 2 if len(book.bids.levels) > 20:
                floor.change(symbol, bids=[(bid[0], "0")])
                floor.trade(symbol, "sell", bid[0], bid[1])
            case _:  # somebody offers between, or changes a level below
                price = (
                    Decimal(ask[0]) - step if spread > step else Decimal(ask[0]) + step * random.randrange(9)
                )
                floor.change(symbol, asks=[(f"{price:.{pair.price_decimals}f}", quantity)])
