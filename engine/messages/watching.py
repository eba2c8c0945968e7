"""What a live desk follows, for the screen."""

from __future__ import annotations

from msgspec import Struct

from engine.model.instrument import Symbol


class WatchView(Struct, frozen=True):
    """What is followed of a venue, and whether that may change while the desk runs."""

    venue: str
    symbols: tuple[Symbol, ...]
    """All that are wanted; of one that the venue does not have nothing comes."""
    dropped: frozenset[Symbol] = frozenset()
    """Those that were followed in this session and are no more."""
    is_open_ended: bool = True
    """Whether more may be followed."""
