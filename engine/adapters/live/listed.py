"""One symbol that is wanted of a venue and known to it, and a sentence about those that are not."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from difflib import get_close_matches

from engine.adapters.texts import TextUnits
from engine.model.instrument import Instrument, Symbol
from engine.model.text import clean
from engine.model.trade import Trade


class Listed:
    """What is known of it."""

    __slots__ = ("last_trade", "since_ns", "status", "units")

    def __init__(self, instrument: Instrument, status: str) -> None:
        self.units = TextUnits(instrument)
        self.status = status
        """The venue's own word for how it trades."""
        self.since_ns = 0
        """Where its history ends: prints from before are in its bars already."""
        self.last_trade = 0
        """The highest id of a print that was handed on: what comes again after a reconnect is not."""

    @property
    def symbol(self) -> Symbol:
        """Its name."""
        return self.units.instrument.symbol

    def is_new(self, trade: Trade) -> bool:
        """Tell whether a print was neither handed on nor is in the history, and remember it."""
        if 0 < trade.trade_id <= self.last_trade or 0 < trade.event_ns < self.since_ns:
            return False
        self.last_trade = trade.trade_id or self.last_trade
        return True


def unknown(label: str, wanted: Sequence[Symbol], names: Collection[str]) -> str:
    """Return a sentence about what the venue does not have, nothing if it has everything."""
    missing = [symbol for symbol in wanted if symbol not in names]
    if not missing:
        return ""
    close = [clean(name, 32) for name in get_close_matches(missing[0], sorted(names), 3)]
    hint = f"; it has {', '.join(close)}" if close else ""
    return f"{label} has no pair {', '.join(missing)}{hint}"
