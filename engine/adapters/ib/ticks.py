"""Ticks, prints and minutes of Interactive Brokers, as whole units."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any, Final

from engine.adapters.ib.reading import decimal_of
from engine.adapters.texts import TextUnits, Unreadable
from engine.adapters.units import rounded_price_units
from engine.clock import NS_PER_MS, NS_PER_S
from engine.errors import DataError
from engine.model.bar import Bar, RecordedBar
from engine.model.instrument import Instrument
from engine.model.quote import Quote
from engine.model.text import clean
from engine.model.trade import Trade

MINUTE_NS: Final = 60 * NS_PER_S
_BID_SIZE, _BID, _ASK, _ASK_SIZE = 0, 1, 2, 3
_PRICES: Final = {_BID: _BID_SIZE, _ASK: _ASK_SIZE}


class Touch:
    """The best prices of one contract, which come in parts."""

    __slots__ = ("_instrument", "_parts")

    def __init__(self, instrument: Instrument) -> None:
        self._instrument = instrument
        self._parts = {_BID: 0, _ASK: 0, _BID_SIZE: 0, _ASK_SIZE: 0}

    def take(self, kind: int, price: float | None, size: float | None) -> bool:
        """Take a part; tell whether the touch is another now.

        Raises:
            DataError: it is no number.
        """
        before = dict(self._parts)
        if kind in _PRICES and price is not None:
            there = price > 0
            self._parts[kind] = self._price(price) if there else 0
            self._parts[_PRICES[kind]] = self._size(size) if there and size is not None else 0
        elif kind in {_BID_SIZE, _ASK_SIZE} and size is not None:
            self._parts[kind] = self._size(size)
        return self._parts != before

    def quote(self, source: str, received_ns: int) -> Quote:
        """Return the touch as it stands; a side without a price has no size."""
        bid, ask = self._parts[_BID], self._parts[_ASK]
        sizes = (self._parts[_BID_SIZE] if bid else 0), (self._parts[_ASK_SIZE] if ask else 0)
        return Quote(self._instrument.symbol, source, bid, ask, *sizes, 0, received_ns)

    def _price(self, price: float) -> int:
        return rounded_price_units(self._instrument, decimal_of(price))

    def _size(self, size: float) -> int:
        return int(decimal_of(max(size, 0)) * self._instrument.size_scale)


def print_of(text: str, units: TextUnits, source: str, received_ns: int) -> Trade | None:
    """Return a print, None for one without a price: `price;size;time;volume;average;single`.

    Raises:
        Unreadable: it is something else.
    """
    price, *rest = text.split(";")
    if not price or len(rest) < 2 or not rest[1].isdecimal():
        if price:
            raise Unreadable("bad_print", clean(text, 60))
        return None
    instrument = units.instrument
    try:
        at = rounded_price_units(instrument, Decimal(price))
        size = int(Decimal(rest[0]) * instrument.size_scale)
    except (DataError, ArithmeticError, ValueError) as error:
        raise Unreadable("bad_print", clean(str(error), 60)) from None
    if size <= 0:
        return None
    return Trade(instrument.symbol, source, at, size, None, int(rest[1]) * NS_PER_MS, received_ns)


def minutes_of(rows: Iterable[Any], instrument: Instrument, source: str, now_ns: int) -> list[RecordedBar]:
    """Return the closed minutes, oldest first; what they turned over is taken from their mean price.

    Raises:
        DataError: a number or a time is none.
    """
    bars = [_bar(row, instrument) for row in rows]
    return [RecordedBar(source, bar, now_ns) for bar in bars if bar.start_ns + MINUTE_NS <= now_ns]


def _bar(row: Any, instrument: Instrument) -> Bar:
    if not str(row.date).isdecimal():
        raise DataError(f"expected a time, found {clean(str(row.date), 40)}")
    first, high, low, last = (
        rounded_price_units(instrument, decimal_of(price))
        for price in (row.open, row.high, row.low, row.close)
    )
    volume = int(decimal_of(max(row.volume, 0.0)) * instrument.size_scale)
    mean = rounded_price_units(instrument, decimal_of(row.average)) if row.average > 0 else (high + low) // 2
    return Bar(
        symbol=instrument.symbol,
        interval_ns=MINUTE_NS,
        start_ns=int(row.date) * NS_PER_S,
        open=first,
        high=high,
        low=low,
        close=last,
        volume=volume,
        turnover=mean * volume,
        trades=max(0, row.barCount),
        closed=True,
    )
