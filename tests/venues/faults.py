"""What goes wrong between a venue and its desks: on demand, by chance, from one seed."""

from __future__ import annotations

from dataclasses import dataclass, fields
from random import Random


@dataclass
class Faults:
    """Shares are between 0 and 1: of the messages that are received or sent."""

    drop_before: float = 0.0
    """Drop the connection on receiving, before anything is done with it."""
    drop_after: float = 0.0
    """Drop the connection after it was done and before anyone hears of it."""
    duplicate: float = 0.0
    """Send a report twice."""
    reorder: float = 0.0
    """Send a report after the one that follows it."""
    silent: float = 0.0
    """Never send a report."""
    delay_ms: float = 0.0
    """Mean time that a report takes."""
    bust: float = 0.0
    late_fill: float = 0.0
    """Fill an order after its cancel was confirmed."""
    deaf: float = 0.0
    """1: read nothing more, answer nothing, keep the connection."""

    promises_nothing: float = 0.0
    """1: promise no desk to cancel once it is gone."""

    def happens(self, share: float, random: Random) -> bool:
        """Decide whether a fault of this share happens now."""
        return bool(share) and random.random() < share

    def set(self, values: dict[str, float]) -> None:
        """Change some of them."""
        for name, value in values.items():
            if name not in {each.name for each in fields(self)}:
                raise ValueError(f"unknown fault {name}")
            setattr(self, name, float(value))


def parse(text: str) -> dict[str, float]:
    """Read `drop_after=0.01,duplicate=0.1`."""
    pairs = [part.split("=", 1) for part in text.split(",") if part]
    return {name.strip(): float(value) for name, value in pairs}
