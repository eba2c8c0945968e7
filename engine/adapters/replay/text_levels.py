"""Prices, sizes and book levels of the messages of exchanges, from their texts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from engine.adapters.replay.instruments import Instruments
from engine.adapters.replay.recording import Listing, Unreadable
from engine.adapters.replay.units import decimals_of_text, units_of_text
from engine.model.depth import Level
from engine.model.instrument import Instrument

_DECIMALS_MAX = 12
_CACHED_MAX = 16_384


class UnitsCache(dict[str, int]):
    """Texts and their units: the same prices and sizes come again and again."""

    def __init__(self, decimals: int) -> None:
        super().__init__()
        self._decimals = decimals

    def __missing__(self, text: str) -> int:
        units = units_of_text(text, self._decimals)
        if len(self) >= _CACHED_MAX:
            self.clear()
        self[text] = units
        return units


class TextUnits:
    """Reads the texts of one instrument; every method raises Unreadable for what is no number of units."""

    __slots__ = ("_sizes", "_units", "instrument")

    def __init__(self, instrument: Instrument) -> None:
        self.instrument = instrument
        self._units = UnitsCache(len(str(instrument.price_scale)) - 1)
        self._sizes = UnitsCache(len(str(instrument.size_scale)) - 1)

    def price(self, text: str) -> int:
        """Return a price in units, which is more than zero."""
        units = self._units[text]
        if not units:
            raise Unreadable("zero_price", text)
        return units

    def size(self, text: str) -> int:
        """Return a size in units; it may be zero."""
        return self._sizes[text]

    def touch(self, price: str, size: str) -> Level:
        """Return a best price and its size; a price of zero without size is an empty side."""
        units = self._sizes[size]
        if not units and not self._units[price]:
            return 0, 0
        return self.price(price), units

    def levels(self, pairs: Iterable[Sequence[str]]) -> tuple[Level, ...]:
        """Return book levels; each begins with a price and a size."""
        prices, sizes = self._units, self._sizes
        levels = tuple([(prices[pair[0]], sizes[pair[1]]) for pair in pairs])
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
