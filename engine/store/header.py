"""What a segment of the journal says of itself."""

from __future__ import annotations

from typing import NamedTuple


class Header(NamedTuple):
    """The first words of a segment."""

    number: int
    first: int
    """The sequence of its first record."""
    synced: int
    """Up to which record the journal was synced when the segment was begun."""
    created_ns: int
