"""Writes each symbol's closed minutes to the journal, so that charts of later days have a past."""

from __future__ import annotations

from engine.market.bars import MINUTE_NS
from engine.messages.events import BarClosed
from engine.model.instrument import Symbol
from engine.rooms import Rooms

CATCH_UP = 5
"""Minutes that are written at most at a time; a market that runs faster than its chart is read leaves gaps."""


class BarNotes:
    """Remembers which minutes were written."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms
        self._noted_ns: dict[Symbol, int] = {}

    def note(self) -> None:
        """Write what closed since the last call."""
        rooms = self._rooms
        for symbol, state in rooms.market.states.items():
            noted_ns = self._noted_ns.setdefault(symbol, rooms.clock.now_ns() - MINUTE_NS)
            for bar in rooms.market.bars.series(symbol, MINUTE_NS).last(CATCH_UP + 1):
                if bar.closed and bar.start_ns > noted_ns:
                    rooms.orders.scribe.name(state.instrument)
                    rooms.orders.scribe.note(BarClosed.of(bar))
                    self._noted_ns[symbol] = bar.start_ns
