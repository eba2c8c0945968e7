"""Whether an account's orders cost money."""

from __future__ import annotations

from enum import StrEnum


class AccountMode(StrEnum):
    """What an order on this account costs if it is wrong."""

    SIMULATED = "sim"
    """Simulated market, paper account."""
    REPLAY = "replay"
    """Recorded market, paper account."""
    PAPER = "paper"
    """Live market, paper account."""
    LIVE = "live"
