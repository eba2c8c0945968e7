"""How long to wait until what failed is tried again."""

from __future__ import annotations

from engine.clock import NS_PER_S, SystemClock

RETRY_S, RETRY_MAX_S = 0.5, 30.0
"""The first wait, and the longest: each is twice the one before."""
_STEADY = SystemClock().monotonic_ns


class Patience:
    """Waits longer each time."""

    def __init__(self) -> None:
        self._next_s = RETRY_S
        self._until_ns = 0

    def longer_s(self) -> float:
        """Begin the next wait, and return how long it is in seconds."""
        waits_s, self._next_s = self._next_s, min(self._next_s * 2, RETRY_MAX_S)
        self._until_ns = _STEADY() + int(waits_s * NS_PER_S)
        return waits_s

    @property
    def is_over(self) -> bool:
        """Whether the latest wait is over."""
        return _STEADY() >= self._until_ns
