"""Symbols as files name them, before they are instruments."""

from __future__ import annotations

from typing import NamedTuple

from msgspec import Struct

from engine.model.depth import SequenceRule
from engine.model.instrument import Instrument

UNSEEN = -1


class Listing(NamedTuple):
    """A symbol as a file names it, and the decimals that its values need."""

    symbol: str
    venue: str
    price_decimals: int = UNSEEN
    """UNSEEN while only the name is known."""
    size_decimals: int = 0
    tick_decimals: int | None = None
    """Where prices are written finer than they move; None for the same."""


class Listed(Struct, frozen=True):
    """An instrument that first shows in the middle of a recording."""

    instrument: Instrument
    rule: SequenceRule
