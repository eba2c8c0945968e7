"""Says on the desk when a market halts and when it trades again: a symbol may be out of sight."""

from __future__ import annotations

from engine.messages.events import AlertRaised, Severity
from engine.model.instrument import Symbol
from engine.model.market_state import MarketState
from engine.model.market_status import Session
from engine.rooms import Rooms


class HaltNotes:
    """Remembers which markets are halted."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms
        self._halted: set[Symbol] = set()

    def note(self, state: MarketState) -> None:
        """Say it where a market halted or goes on; once each."""
        symbol, halted = state.symbol, state.session is Session.HALTED
        if halted == (symbol in self._halted):
            return
        if halted:
            self._halted.add(symbol)
            text = f"{symbol} is halted by its market: {state.session_reason or 'no reason given'}"
            self._say(Severity.WARNING, text)
        else:
            self._halted.discard(symbol)
            self._say(Severity.INFO, f"{symbol} is no longer halted: {state.session_reason or state.session}")

    def _say(self, severity: Severity, text: str) -> None:
        now_ns = self._rooms.account_clock.now_ns()
        self._rooms.bus.publish(AlertRaised(severity, "market", text, now_ns))
