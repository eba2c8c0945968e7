"""By how much a count grew of late."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Final

LOOKS_MAX: Final = 600
"""Looks that are kept; one who looks more often sees a shorter time."""


class Grown:
    """Remembers how a count went within a time."""

    __slots__ = ("_monotonic_ns", "_seen", "_within_ns")

    def __init__(self, monotonic_ns: Callable[[], int], within_ns: int) -> None:
        self._monotonic_ns = monotonic_ns
        self._within_ns = within_ns
        self._seen = deque([(monotonic_ns(), 0)], maxlen=LOOKS_MAX)

    def take(self, count: int) -> int:
        """Return by how much the count is more than it was at the last look before that time."""
        now_ns = self._monotonic_ns()
        self._seen.append((now_ns, count))
        while self._seen[1][0] <= now_ns - self._within_ns:
            self._seen.popleft()
        return count - self._seen[0][1]
