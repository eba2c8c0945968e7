"""Keeps the index of what the desk can search, and makes it anew beside the keys when there is more to find."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from engine.model.instrument import Instrument
from engine.model.listing import Listing, listing_of
from terminal.desk import Desk
from terminal.search.index import ListingIndex


class Shelf:
    """What is searched: the instruments of this desk, and all that venues list where the desk was told."""

    def __init__(self, desk: Desk) -> None:
        self.index = ListingIndex()
        self._desk = desk
        self._made_of: tuple[object, int] | None = None
        """Of which catalogue and how many instruments the index was made."""

    @property
    def is_old(self) -> bool:
        """Whether there is more to find than the index has."""
        return self._made_of != self._there

    @property
    def _there(self) -> tuple[object, int]:
        catalogue = self._desk.catalogue
        return (None if catalogue is None else id(catalogue), len(self._desk.instruments))

    def follows(self, listing: Listing) -> bool:
        """Tell whether this desk has the market of a listing."""
        instrument, watching = self._desk.instruments.get(listing.symbol), self._desk.watching
        is_known = instrument is not None and instrument.venue == listing.venue
        return is_known and (watching is None or listing.symbol in watching.symbols)

    def may_follow(self, listing: Listing) -> bool:
        """Tell whether this desk can have the market of a listing that it has not."""
        watching = self._desk.watching
        is_ours = watching is not None and watching.is_open_ended and watching.venue == listing.venue
        return is_ours and not self.follows(listing)

    async def make(self) -> None:
        """Make the index of what is there now; it takes long for tens of thousands, so it is made in a thread."""
        made_of, instruments = self._there, tuple(self._desk.instruments.values())
        venues = self._desk.catalogue.venues if self._desk.catalogue is not None else ()
        others = [listing for venue in venues for listing in venue.listings]
        self.index = await asyncio.to_thread(_made, instruments, others)
        self._made_of = made_of


def _made(instruments: Iterable[Instrument], others: Iterable[Listing]) -> ListingIndex:
    return ListingIndex(map(listing_of, instruments), others)
