"""What a search found as rows, one listing each: related ones under each other, their common name before the first."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from engine.model.listing import Listing
from terminal.search.index import Found


class ListingRow(NamedTuple):
    """One listing, and where it stands among its kin."""

    listing: Listing
    kin: str
    """What it and its kin are called, on the first row of theirs only."""
    is_found: bool
    """False for one that is there only because it is related to what was found."""


def rows_of(found: Found) -> Iterator[ListingRow]:
    """Yield a row for each listing."""
    for kin in found.kin:
        for number, listing in enumerate(kin.listings):
            yield ListingRow(listing, "" if number else kin.kinship.label, number < kin.found)
