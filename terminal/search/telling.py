"""What is said of listings and of the venues that list them, on the desk and in a shell."""

from __future__ import annotations

from engine.messages.catalogue import VenueListings
from engine.model.listing import Listing
from terminal.format import age

_JUST_NOW_NS = 60 * 1_000_000_000
HOW = "Type what you look for: a symbol as any venue writes it (BTC/USD, XBT, BTCUSDT), or a name; more words narrow it"
"""What is said while nothing is typed."""


def how_to_open(listing: Listing) -> str:
    """Return the command that opens a desk on a listing."""
    return f"touchline live {listing.venue} {listing.symbol}"


def reading(venue: VenueListings, now_ns: int) -> str:
    """Say when a venue was read, or why it was not."""
    count = len(venue.listings)
    ago_ns = now_ns - venue.read_ns
    when = "just now" if ago_ns < _JUST_NOW_NS else f"{age(ago_ns)} ago"
    known = f"{count:,} listed, read {when}" if venue.read_ns else "not read yet"
    if venue.is_asked:
        return f"{known}; it is being asked now"
    if not venue.trouble:
        return known
    return f"{known}; the last try failed: {venue.trouble}" if venue.read_ns else venue.trouble
