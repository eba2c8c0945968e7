"""A print on the tape: somebody's trade, not ours."""

from __future__ import annotations

from enum import IntEnum

from msgspec import Struct

from engine.model.instrument import Symbol


class Side(IntEnum):
    """Buy or sell; its value is the sign of the position it makes."""

    BUY = 1
    SELL = -1

    @property
    def opposite(self) -> Side:
        """The side that closes what this one opens."""
        return _SELL if self is _BUY else _BUY


_BUY = Side.BUY
_SELL = Side.SELL


class Trade(Struct, frozen=True, gc=False):
    """One trade as published, price and size in the instrument's units."""

    symbol: Symbol
    source: str
    price: int
    size: int
    aggressor: Side | None
    """Who took liquidity, where the venue says so."""
    event_ns: int
    receive_ns: int
    trade_id: int = 0
    """The venue's id, rising; 0 when it has none."""
    conditions: str = ""
    sets_last: bool = True
    """False for prints that count for volume only (late, average price, odd reports)."""
