"""The short light behind a price that just moved."""

from __future__ import annotations

from engine.clock import NS_PER_MS

FLASH_NS = 150 * NS_PER_MS
"""How long a price is lit."""
FLASH_EVERY_NS = 400 * NS_PER_MS
"""The least time from one light to the next: more often is flicker, not news."""


class Flash:
    """Watches one price and says whether it is lit; time is the machine's steady time."""

    __slots__ = ("_direction", "_lit_ns", "_price")

    def __init__(self, price: int) -> None:
        self._price = price
        self._direction = 0
        self._lit_ns = -FLASH_EVERY_NS

    def see(self, price: int, now_ns: int) -> int:
        """Take the price as it is now; return 1 or -1 while it is lit by a rise or a fall, else 0."""
        since_ns = now_ns - self._lit_ns
        if price != self._price:
            if self._price and price and since_ns >= FLASH_EVERY_NS:
                self._direction = 1 if price > self._price else -1
                self._lit_ns = now_ns
                since_ns = 0
            self._price = price
        return self._direction if since_ns < FLASH_NS else 0
