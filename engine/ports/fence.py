"""What the last step before the broker asks where several desks could hold one account."""

from __future__ import annotations

from typing import Protocol


class Fence(Protocol):
    """Says whether the account is this engine's; asked for each order that leaves, it never waits and never raises."""

    def refusal(self) -> str:
        """Return why no order may leave now; empty lets it go."""
