"""What the screen sees of the tape."""

from __future__ import annotations

from msgspec import Struct

from engine.model.instrument import Symbol
from engine.model.trade import Trade


class TapeView(Struct, frozen=True, gc=False):
    """The last prints of one symbol, newest first."""

    symbol: Symbol
    prints: tuple[Trade, ...]
