"""Order book messages: a whole book, then changes to it."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from engine.model.instrument import Symbol

Level = tuple[int, int]
"""A price and the size resting there, in units; size 0 removes the level."""


class SequenceRule(StrEnum):
    """How a venue numbers its changes, and thereby how a gap is seen."""

    BINANCE_SPOT = "binance_spot"
    """U and u per change; the next U is the last u + 1."""
    BINANCE_FUTURES = "binance_futures"
    """pu of a change is u of the one before."""
    KRAKEN_CHECKSUM = "kraken_checksum"
    """No numbers; a CRC32 over the best ten levels a side."""
    CONTIGUOUS = "contiguous"
    """Each change's last_id is one more than the last."""
    NONE = "none"
    """The transport's order is all there is."""


class DepthSnapshot(Struct, frozen=True, gc=False):
    """A whole book; `last_id` says which change it already contains."""

    symbol: Symbol
    source: str
    bids: tuple[Level, ...]
    asks: tuple[Level, ...]
    last_id: int
    event_ns: int
    receive_ns: int
    checksum: int | None = None
    depth_max: int = 0
    """How many levels of a side the source keeps up to date; 0 where it does not say."""


class DepthDelta(Struct, frozen=True, gc=False):
    """Levels that changed; each size replaces what was there."""

    symbol: Symbol
    source: str
    bids: tuple[Level, ...]
    asks: tuple[Level, ...]
    first_id: int
    last_id: int
    previous_id: int
    event_ns: int
    receive_ns: int
    checksum: int | None = None
