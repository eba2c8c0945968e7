"""The best bid and ask of one symbol, as one source told it."""

from __future__ import annotations

from msgspec import Struct

from engine.model.instrument import Symbol

NO_PRICE = 0
"""A side that has no price."""
UNPUBLISHED_SIZE = -1
"""The source gives prices without sizes."""


class Quote(Struct, frozen=True, gc=False):
    """A top of book, prices and sizes in the instrument's units."""

    symbol: Symbol
    source: str
    bid: int
    ask: int
    bid_size: int
    ask_size: int
    event_ns: int
    """When the venue says it happened; 0 when it does not say."""
    receive_ns: int
    """When we read it."""
    sequence: int = 0
    """The source's own counter, rising; 0 when it has none."""
