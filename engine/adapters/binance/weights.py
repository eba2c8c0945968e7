"""How much of what Binance lets one address ask in a minute is used, by its own count."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from engine.adapters.binance.messages import Limit
from engine.clock import NS_PER_S, Clock
from engine.messages.views import HealthState
from engine.ports.venue import VenueReading, VenueRow

LIMIT = 6000
"""A minute, until the venue has told its own."""
SHARE_MAX = 0.8
"""What is read for market data uses no more than this share: the rest is for what can't wait."""
MINUTE_NS = 60 * NS_PER_S
_HEADERS = ("x-mbx-used-weight-1m", "x-mbx-used-weight")


class Weights:
    """Knows the venue's count, and how long to wait before it would grow too large."""

    def __init__(self, clock: Clock) -> None:
        self.limit = LIMIT
        self._clock = clock
        self._used = 0
        self._minute = 0

    @property
    def used(self) -> int:
        """How much was used in this minute."""
        return self._used if self._minute == self._now_ns() // MINUTE_NS else 0

    def note(self, headers: Mapping[str, str]) -> None:
        """Take in the count of an answer."""
        text = next((headers[name] for name in _HEADERS if name in headers), "")
        if text.isascii() and text.isdigit() and len(text) < 10:
            self._used, self._minute = int(text), self._now_ns() // MINUTE_NS

    def learn(self, limits: Iterable[Limit]) -> None:
        """Take in what the venue says its limit is."""
        for each in limits:
            is_minute = (each.interval, each.interval_num) == ("MINUTE", 1)
            if each.rate_limit_type == "REQUEST_WEIGHT" and is_minute and each.limit > 0:
                self.limit = each.limit

    def has_room(self, weight: int, share: float) -> bool:
        """Whether something of this weight stays below a share of the limit."""
        return self.used + weight <= self.limit * share

    def wait_s(self, weight: int) -> float:
        """Return how long to wait before something of this weight is asked."""
        if self.has_room(weight, SHARE_MAX):
            return 0.0
        return (MINUTE_NS - self._now_ns() % MINUTE_NS) / NS_PER_S

    def row(self, name: str = "request_weight", label: str = "request weight") -> VenueRow:
        """Return the row of the health board."""
        return VenueRow(name, label, self._read)

    def _read(self) -> VenueReading:
        used = self.used
        state = HealthState.OK if used <= self.limit * SHARE_MAX else HealthState.DEGRADED
        return VenueReading(
            state, f"{used:,} of {self.limit:,}", "used in this minute, by the venue's count", used
        )

    def _now_ns(self) -> int:
        return self._clock.now_ns()
