"""How often a venue may be asked: counted here, corrected by its own headers, with a reserve for cancels."""

from __future__ import annotations

from collections.abc import Mapping

from engine.clock import NS_PER_S, Clock

WINDOW_S = 60.0


class Allowance:
    """Requests that are left in the venue's window; what it says counts, and between its answers we count along."""

    def __init__(self, clock: Clock, *, limit: int, reserve: int) -> None:
        self.limit = limit
        """Requests in a window."""
        self.reserve = reserve
        """How many of them are kept for cancels."""
        self.refused = 0
        """Requests that were not made, so that the reserve stays."""
        self._clock = clock
        self._left = limit
        self._ends_ns = 0
        """By steady time."""
        self._window = 0
        """The end of the window as the venue has it, in seconds since the epoch."""

    @property
    def left(self) -> int:
        """How many requests are left now."""
        return self.limit if self._clock.monotonic_ns() >= self._ends_ns else self._left

    @property
    def ends_in_s(self) -> float:
        """How long until there are as many as ever."""
        return max(0, self._ends_ns - self._clock.monotonic_ns()) / NS_PER_S

    def take(self, leaving: int = 0) -> bool:
        """Count a request that may wait; tell whether it may be made: so many beside the reserve are for others."""
        if self.left <= self.reserve + leaving:
            self.refused += 1
            return False
        self.count()
        return True

    def count(self) -> None:
        """Count a request that is made in any case."""
        if self._clock.monotonic_ns() >= self._ends_ns:
            self._begin(WINDOW_S)
        self._left = max(0, self._left - 1)

    def heard(self, headers: Mapping[str, str]) -> None:
        """Learn from the headers of an answer, their names in small letters; answers may overtake each other."""
        limit, left, ends = (
            _whole(headers.get(f"x-ratelimit-{name}")) for name in ("limit", "remaining", "reset")
        )
        if limit is None or left is None or ends is None:
            return
        if ends < self._window:
            return
        self.limit = limit
        if ends > self._window:
            self._window = ends
            self._begin(min(max(ends - self._clock.now_ns() / NS_PER_S, 1.0), WINDOW_S))
        elif not self.ends_in_s:
            self._begin(1.0)  # its clock is behind ours: its window lasts
        self._left = min(self._left, left)

    def _begin(self, length_s: float) -> None:
        self._ends_ns = self._clock.monotonic_ns() + int(length_s * NS_PER_S)
        self._left = self.limit


def _whole(text: str | None) -> int | None:
    return int(text) if text is not None and text.isdecimal() else None
