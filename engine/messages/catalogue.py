"""What is known of all that venues list, for the screen and for another shell."""

from __future__ import annotations

from msgspec import Struct

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
