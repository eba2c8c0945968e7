"""A market that moves by chance, from one seed."""

from __future__ import annotations

from decimal import Decimal
from random import Random

from tests.venues.kraken.venue import Floor


class Walk:
    """Changes one book at each step; every few steps somebody trades."""

    def __init__(self, floor: Floor, seed: int) -> None:
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
