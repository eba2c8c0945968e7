"""What is known of all that venues list, and what of it a desk follows, for the screen and for another shell."""

from __future__ import annotations

from msgspec import Struct

from engine.model.instrument import Symbol
from engine.model.listing import Listing


class VenueListings(Struct, frozen=True):
    """All that one venue listed when it was read."""

    venue: str
    listings: tuple[Listing, ...] = ()
    read_ns: int = 0
    """When, by the world's time; 0 for never."""
    trouble: str = ""
    """Why it could not be read the last time, nothing if it could."""
    is_asked: bool = False
    """Whether it is being read now."""


class CatalogueView(Struct, frozen=True):
    """Each venue that can be asked."""

    venues: tuple[VenueListings, ...] = ()


class WatchView(Struct, frozen=True):
    """What is followed of a venue, and whether that may change while the desk runs."""

    venue: str
    symbols: tuple[Symbol, ...]
    """All that are wanted; of one that the venue does not have nothing comes."""
    dropped: frozenset[Symbol] = frozenset()
    """Those that were followed in this session and are no more."""
    is_open_ended: bool = True
    """Whether more may be followed."""
