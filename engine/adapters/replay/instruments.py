"""The instruments of all opened files together: one name and one set of units each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from engine.adapters.replay.listing import UNSEEN, Listed, Listing
from engine.adapters.replay.listing_rules import make_instrument, sequence_rule
from engine.model.depth import SequenceRule
from engine.model.instrument import Instrument, Symbol
from engine.model.text import clean

SYMBOL_LENGTH_MAX = 32


class Instruments:
    """Instruments by (symbol, venue) as the files name them.

    A symbol keeps its own name while only one venue has it. Where several do, each gets its venue's
    last word: BTCUSDT.spot, BTCUSDT.usdm.
    """

    def __init__(self, listings: Iterable[Listing]) -> None:
        self._known: dict[tuple[str, str], Instrument] = {}
        self._names: dict[str, str] = {}
        """The venue that holds each plain name; empty once several venues do."""
        self._taken: dict[str, tuple[str, str]] = {}
        """Whose each name is: two symbols may become one when they are cleaned."""
        finest: dict[tuple[str, str], Listing] = {}
        for listing in listings:
            key = (listing.symbol, listing.venue)
            finest[key] = _finer(listing, finest.get(key, listing))
        for symbol, venue in finest:
            self._names[symbol] = "" if self._names.get(symbol, venue) != venue else venue
        for key, listing in finest.items():
            if listing.price_decimals != UNSEEN:
                self._known[key] = self._make(listing)

    def __iter__(self) -> Iterator[tuple[Instrument, SequenceRule]]:
        return iter([(instrument, sequence_rule(venue)) for (_, venue), instrument in self._known.items()])

    def get(self, symbol: str, venue: str) -> Instrument | None:
        """Return the instrument of a symbol at a venue, None if it was not seen yet."""
        return self._known.get((symbol, venue))

    def add(self, listing: Listing) -> Listed:
        """Make an instrument that shows up late; it takes its venue's name if its own is taken."""
        self._names.setdefault(listing.symbol, listing.venue)
        instrument = self._make(listing)
        self._known[listing.symbol, listing.venue] = instrument
        return Listed(instrument, sequence_rule(listing.venue))

    def _make(self, listing: Listing) -> Instrument:
        symbol, venue = listing.symbol, clean(listing.venue, SYMBOL_LENGTH_MAX)
        name = clean(symbol, SYMBOL_LENGTH_MAX).strip() or "?"
        if self._names[symbol] != listing.venue:
            name = f"{name}.{venue.rpartition('-')[2]}"
        while self._taken.setdefault(name, (symbol, listing.venue)) != (symbol, listing.venue):
            name += "'"
        return make_instrument(Symbol(name), listing, venue)


def _finer(one: Listing, other: Listing) -> Listing:
    return one._replace(
        price_decimals=max(one.price_decimals, other.price_decimals),
        size_decimals=max(one.size_decimals, other.size_decimals),
    )
