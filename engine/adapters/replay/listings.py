"""The instruments of a capture, made from the first texts that show them."""

from __future__ import annotations

from collections.abc import Iterable

from engine.adapters.replay.instruments import Instruments
from engine.adapters.replay.listing import Listing
from engine.adapters.texts import TextUnits, decimals_of_text
from engine.model.instrument import Instrument

_DECIMALS_MAX = 12


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
