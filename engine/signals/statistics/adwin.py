"""A window that grows while the mean holds and begins anew when it does not: ADWIN.

Bifet and Gavalda (2007), second version: an exponential histogram of at most five buckets a size, looked at
every 32 values; O(log n) of memory.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

BUCKETS_MAX = 5
CLOCK = 32
PART_MIN = 5
WINDOW_MIN = 10


@dataclass(frozen=True, slots=True)
class Change:
    """The mean was `older`, and is `newer`."""

    older: float
    newer: float


@dataclass(frozen=True, slots=True)
class _Bucket:
    count: int
    total: float
    spread: float

    def joined(self, other: _Bucket) -> _Bucket:
        count = self.count + other.count
        gap = self.total / self.count - other.total / other.count
        between = self.count * other.count / count * gap * gap
        return _Bucket(count, self.total + other.total, self.spread + other.spread + between)


class Adwin:
    """Watches the mean of a stream; `delta` bounds the rate of false cuts."""

    def __init__(self, delta: float = 0.002) -> None:
        if not 0 < delta < 1:
            raise ValueError(f"delta is between 0 and 1, not {delta}")
        self._delta = delta
        self._levels: list[list[_Bucket]] = [[]]
        self._seen = 0

    @property
    def count(self) -> int:
        """How many values the window holds."""
        return sum(bucket.count for level in self._levels for bucket in level)

    def update(self, value: float) -> Change | None:
        """Take a value; return the change where the mean changed, and begin anew.

        Raises:
            ValueError: The value is not finite.
        """
        if not math.isfinite(value):
            raise ValueError(f"a finite error was expected, not {value}")
        self._seen += 1
        self._levels[0].append(_Bucket(1, value, 0.0))
        self._compress()
        if self._seen % CLOCK:
            return None
        change = self._cut()
        if change is not None:
            self._levels = [[]]
        return change

    def _compress(self) -> None:
        level = 0
        while len(self._levels[level]) > BUCKETS_MAX:
            oldest, next_oldest, *rest = self._levels[level]
            self._levels[level] = rest
            if level + 1 == len(self._levels):
                self._levels.append([])
            self._levels[level + 1].append(oldest.joined(next_oldest))
            level += 1

    def _cut(self) -> Change | None:
        """Return the oldest place where both parts differ by more than chance."""
        buckets = [bucket for level in reversed(self._levels) for bucket in level]
        whole = buckets[0]
        for bucket in buckets[1:]:
            whole = whole.joined(bucket)
        if whole.count <= WINDOW_MIN:
            return None
        older, total = 0, 0.0
        for bucket in buckets[:-1]:
            older, total = older + bucket.count, total + bucket.total
            newer = whole.count - older
            if older < PART_MIN or newer < PART_MIN:
                continue
            change = Change(total / older, (whole.total - total) / newer)
            if abs(change.older - change.newer) > self._bound(older, newer, whole):
                return change
        return None

    def _bound(self, older: int, newer: int, whole: _Bucket) -> float:
        doubt = math.log(2 * math.log(whole.count) / self._delta)
        inverse = 1 / (older - PART_MIN + 1) + 1 / (newer - PART_MIN + 1)
        return math.sqrt(2 * inverse * whole.spread / whole.count * doubt) + 2 / 3 * inverse * doubt
