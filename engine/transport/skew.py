"""How far a venue's clock is from ours."""

from __future__ import annotations

from collections import deque

KEPT = 16
"""Round trips of which the quickest tells; the slower ones waited somewhere, and nobody knows on which way."""


class ClockSkew:
    """Learns from round trips: the venue's time lies between sending and receiving."""

    def __init__(self) -> None:
        self._trips: deque[tuple[int, int]] = deque(maxlen=KEPT)

    @property
    def skew_ns(self) -> int | None:
        """How far the venue's clock is ahead of ours, None before the first answer."""
        return min(self._trips)[1] if self._trips else None

    @property
    def within_ns(self) -> int:
        """By how much that may be wrong: half of the quickest round trip."""
        return min(self._trips)[0] // 2 if self._trips else 0

    def note(self, sent_ns: int, venue_ns: int, received_ns: int) -> None:
        """Take in one answer; one that came before it was asked for says nothing."""
        trip_ns = received_ns - sent_ns
        if trip_ns >= 0:
            self._trips.append((trip_ns, venue_ns - (sent_ns + received_ns) // 2))
