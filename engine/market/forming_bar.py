"""A bar while it is being made."""

from __future__ import annotations

from typing import Final

from engine.model.bar import Bar
from engine.model.instrument import Symbol
from engine.model.quote import NO_PRICE

EMPTY: Final = -1


class FormingBar:
    """Open, high, low, close and sums, written in place; `start_ns` is `EMPTY` until there is a price."""

    __slots__ = ("close", "end_ns", "high", "low", "open", "start_ns", "trades", "turnover", "volume")

    def __init__(self) -> None:
        self.empty()

    def empty(self) -> None:
        """Hold nothing; the next price begins it."""
        self.begin(EMPTY, 0, NO_PRICE)

    def begin(self, start_ns: int, end_ns: int, price: int) -> None:
        """Hold one price and nothing traded."""
        self.start_ns = start_ns
        self.end_ns = end_ns
        self.open = self.high = self.low = self.close = price
        self.volume = self.turnover = self.trades = 0

    def touch(self, price: int) -> None:
        """Take in a price."""
        if price > self.high:
            self.high = price
        elif price < self.low:
            self.low = price
        self.close = price

    def trade(self, price: int, size: int) -> None:
        """Take in a price and what was traded at it."""
        if price > self.high:
            self.high = price
        elif price < self.low:
            self.low = price
        self.close = price
        self.volume += size
        self.turnover += price * size
        self.trades += 1

    def add(self, price: int, size: int) -> None:
        """Take in what was traded, without its price: for volume only."""
        self.volume += size
        self.turnover += price * size
        self.trades += 1

    def absorb(self, later: FormingBar | Bar, interval_ns: int) -> None:
        """Take in a bar that comes after what is held; starts on a whole number of intervals."""
        if self.start_ns == EMPTY:
            start_ns = later.start_ns - later.start_ns % interval_ns
            self.begin(start_ns, start_ns + interval_ns, later.open)
        self.high = max(self.high, later.high)
        self.low = min(self.low, later.low)
        self.close = later.close
        self.volume += later.volume
        self.turnover += later.turnover
        self.trades += later.trades

    def bar(self, symbol: Symbol, interval_ns: int, *, closed: bool) -> Bar:
        """Return a copy of it."""
        return Bar(
            symbol,
            interval_ns,
            self.start_ns,
            self.open,
            self.high,
            self.low,
            self.close,
            self.volume,
            self.turnover,
            self.trades,
            closed,
        )
