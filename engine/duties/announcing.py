"""Lets a person hear of a circuit that changed."""

from __future__ import annotations

from engine.bus import Bus
from engine.messages.circuits import CircuitChanged, CircuitState
from engine.messages.events import AlertRaised, Severity

_WORDS = {
    CircuitState.OPEN: (Severity.CRITICAL, "is left alone for a while"),
    CircuitState.HALF_OPEN: (Severity.INFO, "is tried once"),
    CircuitState.CLOSED: (Severity.INFO, "answers again"),
}


def announce(bus: Bus, event: object) -> None:
    """Publish what a venue's adapter says; a circuit that changed is an alert too."""
    bus.publish(event)
    if isinstance(event, CircuitChanged):
        severity, words = _WORDS[event.after]
        reason = f": {event.reason}" if event.after is CircuitState.OPEN and event.reason else ""
        text = f"{event.operation} {words}{reason}"
        bus.publish(AlertRaised(severity, event.venue, text, event.event_ns))
