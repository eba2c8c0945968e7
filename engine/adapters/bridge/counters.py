"""What a bridge counts."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class BridgeCounters:
    """Since the start."""

    sent: int = 0
    """Messages that were handed to the system."""
    received: int = 0
    unsent: int = 0
    """Requests that never left, and were answered so."""
    malformed: int = 0
    """Lines and values that could not be read."""
    unknown: int = 0
    """Messages of kinds that we do not know: passed over."""
    too_long: int = 0
    links: int = 0
    """Connections that were welcomed."""
    lost: int = 0
    """Orders whose answer a closing link took along."""
    last_fault: str = ""
    """The last of what could not be read, in words."""
    round_trip_ns: int = 0
    """From the last ping to its pong; 0 before the first."""

    def note_malformed(self, fault: str) -> None:
        """Count something that could not be read."""
        self.malformed += 1
        self.last_fault = fault
