"""What one source says of an instrument, in the units that the desk counts the same instrument in."""

from __future__ import annotations

from fractions import Fraction

from msgspec.structs import replace

from engine.model.depth import DepthDelta, DepthSnapshot, Level
from engine.model.instrument import Instrument
from engine.model.quote import NO_PRICE, UNPUBLISHED_SIZE, Quote
from engine.model.trade import Trade


class Translation:
    """Turns units into others: a touch becomes no better than it is, a print goes to the nearest step."""

    __slots__ = ("_price", "_size", "is_exact", "ours", "theirs")

    def __init__(self, theirs: Instrument, ours: Instrument) -> None:
        self.theirs = theirs
        self.ours = ours
        self._price = Fraction(theirs.price_unit) / Fraction(ours.price_unit)
        self._size = Fraction(theirs.size_unit) / Fraction(ours.size_unit)
        self.is_exact = self._price.denominator == self._size.denominator == 1
        """Whether every one of their steps is a whole number of ours, so that a book stays what it is."""

    def quote(self, quote: Quote) -> Quote:
        """Return a touch; a bid is rounded down and an ask up."""
        return replace(
            quote,
            symbol=self.ours.symbol,
            bid=_floor(quote.bid, self._price),
            ask=-_floor(-quote.ask, self._price),
            bid_size=self._shown(quote.bid_size),
            ask_size=self._shown(quote.ask_size),
            sequence=0,
        )

    def trade(self, trade: Trade) -> Trade:
        """Return a print."""
        price, size = round(trade.price * self._price), round(trade.size * self._size)
        return replace(trade, symbol=self.ours.symbol, price=price, size=max(1, size))

    def snapshot(self, snapshot: DepthSnapshot) -> DepthSnapshot:
        """Return a whole book, without what only their own units can prove; the steps are exact."""
        return replace(
            snapshot,
            symbol=self.ours.symbol,
            bids=self._levels(snapshot.bids),
            asks=self._levels(snapshot.asks),
            last_id=0,
            checksum=None,
        )

    def delta(self, delta: DepthDelta) -> DepthDelta:
        """Return changes to a book, likewise."""
        return replace(
            delta,
            symbol=self.ours.symbol,
            bids=self._levels(delta.bids),
            asks=self._levels(delta.asks),
            first_id=0,
            last_id=0,
            previous_id=0,
            checksum=None,
        )

    def _levels(self, levels: tuple[Level, ...]) -> tuple[Level, ...]:
        price, size = self._price.numerator, self._size.numerator
        return tuple((at * price, quantity * size) for at, quantity in levels)

    def _shown(self, size: int) -> int:
        return size if size in {UNPUBLISHED_SIZE, 0} else max(1, _floor(size, self._size))


def _floor(units: int, by: Fraction) -> int:
    return NO_PRICE if units == NO_PRICE else units * by.numerator // by.denominator
