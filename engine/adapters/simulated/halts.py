"""The volatility pause: a market that has run too far too fast stands still for a while."""

from __future__ import annotations

from collections import deque

from engine.clock import NS_PER_S

BAND = 0.05
"""How far from its mean of the last five minutes a price may go (limit up, limit down, tier 1)."""
PAUSE_NS = 90 * NS_PER_S
"""Shorter than the real five minutes, so that a desk sees the market reopen."""
_WINDOW_S = 300
_EVERY_NS = NS_PER_S


class VolatilityGuard:
    """Compares a price with its own recent mean, once a second."""

    __slots__ = ("_due_ns", "_prices", "_total")

    def __init__(self) -> None:
        self._prices: deque[int] = deque()
        self._total = 0
        self._due_ns = 0

    def move(self, price: int, now_ns: int) -> float:
        """Note a price and return how far it is from the recent mean, as a fraction."""
        if now_ns >= self._due_ns:
            self._due_ns = now_ns + _EVERY_NS
            self._prices.append(price)
            self._total += price
            if len(self._prices) > _WINDOW_S:
                self._total -= self._prices.popleft()
        mean = self._total / len(self._prices)
        return price / mean - 1.0

    def reset(self) -> None:
        """Forget everything: after a pause the reopening price is the new reference."""
        self._prices.clear()
        self._total = 0
