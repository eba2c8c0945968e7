"""Bars: what happened in one stretch of time or in one number of trades."""

from __future__ import annotations

from msgspec import Struct

from engine.model.instrument import Symbol

LONG = 1 << 63
"""Sums from here on don't fit into the whole numbers of files."""


class Bar(Struct, frozen=True, gc=False):
    """One bar, prices and volume in the instrument's units."""

    symbol: Symbol
    interval_ns: int
    """How long it lasts; 0 for a bar of a number of ticks."""
    start_ns: int
    open: int
    high: int
    low: int
    close: int
    volume: int
    turnover: int
    """Sum of price x size in units, so that VWAP is turnover / volume."""
    trades: int
    closed: bool
    """False while it is still forming."""


class RecordedBar(Struct, frozen=True, gc=False):
    """A bar that a source made; goes into history as it is."""

    source: str
    bar: Bar
    receive_ns: int
