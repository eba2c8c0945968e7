"""A halt is said on the desk, and its end, once each."""

from __future__ import annotations

from pathlib import Path

from engine.duties.halt_notes import HaltNotes
from engine.messages.events import AlertRaised, Severity
from engine.model.market_status import Session, StatusChange
from tests.engine_rooms import ABC, NOON_NS, composed


def test_a_market_that_halts_and_goes_on_is_told_of(tmp_path: Path) -> None:
    with composed(tmp_path) as rooms:
        heard: list[tuple[Severity, str]] = []
        rooms.bus.subscribe(AlertRaised, lambda event: heard.append((event.severity, event.text)))
        rooms.market.listen(on_status=HaltNotes(rooms).note)
        for session, reason in (
            (Session.OPEN, "continuous trading"),
            (Session.HALTED, "moved +6% from its mean"),
            (Session.HALTED, "still"),
            (Session.OPEN, "trading resumed"),
            (Session.CLOSED, "closed"),
        ):
            rooms.market.on_status(StatusChange(ABC, "hand", session, reason, NOON_NS, NOON_NS))
        assert heard == [
            (Severity.WARNING, "ABC is halted by its market: moved +6% from its mean"),
            (Severity.INFO, "ABC is no longer halted: trading resumed"),
        ]
