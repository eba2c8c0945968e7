"""When the next event is due: by market time, by count, or at once."""

from __future__ import annotations

import math
from bisect import bisect_right

from engine.clock import NS_PER_S
from engine.errors import InvalidValue

GAP_MAX_NS = 60 * NS_PER_S
"""A longer stretch without events (a night, a weekend) is not waited out."""
GAP_KEPT_NS = NS_PER_S
"""What is left of it."""


class Pacing:
    """Relates the machine's steady time to the market's."""

    def __init__(self, speed: float, events_per_s: float | None) -> None:
        self.speed = _checked(speed, "speed")
        self.events_per_s = None if events_per_s is None else _checked(events_per_s, "events_per_s")
        self._wall_ns = 0
        self._market_ns = 0
        self._counted = 0

    def set_speed(self, speed: float) -> None:
        """Pace by market time from now on; the caller anchors it anew.

        Raises:
            InvalidValue: it is negative or not a number.
        """
        self.speed = _checked(speed, "speed")
        self.events_per_s = None

    def anchor(self, wall_ns: int, market_ns: int) -> None:
        """Let this market time be now."""
        self._wall_ns = wall_ns
        self._market_ns = market_ns
        self._counted = 0

    def counted(self, events: int) -> None:
        """Note that so many events were delivered."""
        self._counted += events

    def market_ns(self, wall_ns: int) -> int:
        """Return what market time it is by the schedule."""
        return self._market_ns + int((wall_ns - self._wall_ns) * self.speed)

    def skip_gap(self, next_ns: int, wall_ns: int) -> None:
        """Shorten the wait for the next event where nothing happens for long."""
        ahead = next_ns - self.market_ns(wall_ns)
        if ahead > GAP_MAX_NS:
            self.anchor(wall_ns, next_ns - GAP_KEPT_NS)

    def due(self, times: list[int], position: int, wall_ns: int) -> int:
        """Return the index up to which events are due now."""
        if self.events_per_s:
            allowed = int((wall_ns - self._wall_ns) * self.events_per_s / NS_PER_S) - self._counted
            return min(len(times), position + max(0, allowed))
        if not self.speed:
            return len(times)
        return bisect_right(times, self.market_ns(wall_ns), position)

    def wait_s(self, next_ns: int, wall_ns: int) -> float:
        """Return how long it is until an event at this market time is due."""
        if self.events_per_s:
            due_ns = self._wall_ns + (self._counted + 1) * NS_PER_S / self.events_per_s
            return max(0.0, (due_ns - wall_ns) / NS_PER_S)
        if not self.speed:
            return 0.0
        return max(0.0, (next_ns - self.market_ns(wall_ns)) / self.speed / NS_PER_S)


def _checked(value: float, name: str) -> float:
    if not math.isfinite(value) or value < 0:
        raise InvalidValue(f"{name}: expected a number from 0 up, found {value}")
    return value
