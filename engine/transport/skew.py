"""How far a venue's clock is from ours."""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable
from typing import Final, NamedTuple

from engine.clock import Clock

KEPT: Final = 16
"""Round trips of which the quickest tells; the slower ones waited somewhere, and nobody knows on which way."""
ROUNDED_NS: Final = 1_000_000
"""Venues tell whole milliseconds, some of them."""


class _Trip(NamedTuple):
    """A round trip; the quickest is the least."""

    took_ns: int
    ahead_ns: int
    """How far the venue's clock is ahead, if both ways took as long; it may be half of the trip more or less."""

    def agrees(self, other: _Trip) -> bool:
        """Tell whether both can be true of clocks that nobody put in between."""
        within_ns = (self.took_ns + other.took_ns) // 2 + ROUNDED_NS
        return abs(self.ahead_ns - other.ahead_ns) <= within_ns


class ClockSkew:
    """Learns from round trips: the venue's time lies between sending and receiving.

    Where two in a row agree with each other, and neither can with what is known, one of the clocks was put:
    what was known of it is over.
    """

    def __init__(self) -> None:
        self._trips: deque[_Trip] = deque(maxlen=KEPT)
        self._odd: _Trip | None = None

    @property
    def skew_ns(self) -> int | None:
        """How far the venue's clock is ahead of ours, None before the first answer."""
        return min(self._trips).ahead_ns if self._trips else None

    @property
    def within_ns(self) -> int:
        """By how much that may be wrong: half of the quickest round trip."""
        return min(self._trips).took_ns // 2 if self._trips else 0

    def note(self, sent_ns: int, venue_ns: int, received_ns: int) -> bool:
        """Take in one answer; tell whether it is odd, and another is wanted at once.

        An answer that came before it was asked for says nothing.
        """
        if received_ns < sent_ns:
            return False
        trip, odd = _Trip(received_ns - sent_ns, venue_ns - (sent_ns + received_ns) // 2), self._odd
        self._odd = None
        if not self._trips or trip.agrees(min(self._trips)):
            self._trips.append(trip)
        elif odd is not None and trip.agrees(odd):
            self._trips.clear()
            self._trips += odd, trip
        else:
            self._odd = trip
            return odd is None  # who never agrees with itself is not asked without end
        return False


async def measure(skew: ClockSkew, ask: Callable[[], Awaitable[int]], clock: Clock) -> None:
    """Ask what time it is there, ns UTC or 0 for nothing that is one, and once more where that is odd; raises what `ask` raises."""
    for _ in range(2):
        sent_ns = clock.now_ns()
        there_ns = await ask()
        if not there_ns or not skew.note(sent_ns, there_ns, clock.now_ns()):
            return
