"""Prices, sizes and book levels of the messages of exchanges, from their texts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from engine.adapters.replay.instruments import Instruments
from engine.adapters.replay.recording import Listing, Unreadable
from engine.adapters.replay.units import decimals_of_text, units_of_text
from engine.model.depth import Level
from engine.model.instrument import Instrument


_DECIMALS_MAX = 12


class TextUnits:
    """Reads the texts of one instrument."""

    __slots__ = ("_price_decimals", "_size_decimals", "instrument")

    def __init__(self, instrument: Instrument) -> None:
        self.instrument = instrument
        self._price_decimals = len(str(instrument.price_scale)) - 1
        self._size_decimals = len(str(instrument.size_scale)) - 1

    def price(self, text: str) -> int:
        """Return a price in units.

        Raises:
            Unreadable: it is not a positive number of units.
        """
        units = units_of_text(text, self._price_decimals)
        if not units:
            raise Unreadable("zero_price", text)
        return units

    def size(self, text: str) -> int:
        """Return a size in units; it may be zero.

        Raises:
            Unreadable: it is not a number of units.
        """
        return units_of_text(text, self._size_decimals)

    def touch(self, price: str, size: str) -> Level:
        """Return a best price and its size; a price of zero without size is an empty side.

        Raises:
            Unreadable: either is no number of units.
        """
        units = self.size(size)
        if not units and not units_of_text(price, self._price_decimals):
            return 0, 0
        return self.price(price), units

    def levels(self, pairs: Iterable[Sequence[str]]) -> tuple[Level, ...]:
        """Return book levels; each begins with a price and a size.

        Raises:
            Unreadable: one of them has no number of units, or too few members.
        """
        price, size = self._price_decimals, self._size_decimals
        try:
            levels = tuple([(units_of_text(p[0], price), units_of_text(p[1], size)) for p in pairs])
        except IndexError:
            raise Unreadable("bad_message", "a level without price or size") from None
        if not all(level[0] for level in levels):
            raise Unreadable("zero_price", "a level")
        return levels


class Listings:
    """The instruments of one capture; those not known are made from the first texts that show them."""

    def __init__(self, instruments: Instruments, *, padded: bool) -> None:
        self._instruments = instruments
        self._padded = padded
        """Whether the venue writes every number with all the decimals it may have."""
        self._known: dict[tuple[str, str], TextUnits] = {}

    def get(
        self, symbol: str, venue: str, prices: Iterable[str], sizes: Iterable[str], events: list[object]
    ) -> TextUnits:
        """Return the reader of a symbol's texts; a new one is listed first."""
        known = self._known.get((symbol, venue))
        if known is None:
            known = self._known[symbol, venue] = self._list(symbol, venue, prices, sizes, events)
        return known

    def known(self) -> list[Instrument]:
        """Return all that were met."""
        return [units.instrument for units in self._known.values()]

    def _list(
        self, symbol: str, venue: str, prices: Iterable[str], sizes: Iterable[str], events: list[object]
    ) -> TextUnits:
        instrument = self._instruments.get(symbol, venue)
        if instrument is None:
            listed = self._instruments.add(self._listing(symbol, venue, list(prices), list(sizes)))
            events.append(listed)
            instrument = listed.instrument
        return TextUnits(instrument)

    def _listing(self, symbol: str, venue: str, prices: list[str], sizes: list[str]) -> Listing:
        written = _most_decimals(prices)
        whole_digits = max((len(text.partition(".")[0]) for text in prices), default=1)
        price = written if self._padded else max(written, min(8, 13 - whole_digits))
        tick = _most_decimals([text.rstrip("0") for text in prices if "." in text])
        return Listing(symbol, venue, price, max(8, _most_decimals(sizes)), tick)


def _most_decimals(texts: list[str]) -> int:
    return min(_DECIMALS_MAX, max(map(decimals_of_text, texts), default=0))
