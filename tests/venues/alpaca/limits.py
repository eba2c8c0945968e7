"""How many requests a key may make in a minute, and the headers that tell what is left."""

from __future__ import annotations

from tests.venues.alpaca.texts import SECOND_NS

MINUTE_S = 60


class RateLimit:
    """Counts requests in the minutes of the clock."""

    def __init__(self, per_minute: int) -> None:
        self.per_minute = per_minute
        self._minute = 0
        self._used = 0

    def take(self, now_ns: int) -> dict[str, str]:
        """Count a request, and return the headers of its answer."""
        minute = now_ns // SECOND_NS // MINUTE_S
        if minute != self._minute:
            self._minute, self._used = minute, 0
        self._used += 1
        return {
            "X-RateLimit-Limit": f"{self.per_minute}",
            "X-RateLimit-Remaining": f"{max(0, self.per_minute - self._used)}",
            "X-RateLimit-Reset": f"{(minute + 1) * MINUTE_S}",
        }

    @property
    def is_over(self) -> bool:
        """Whether the last request was one too many."""
        return self._used > self.per_minute
