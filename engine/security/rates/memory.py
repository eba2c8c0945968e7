"""Counts of a desk that shares nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from engine.clock import Clock
from engine.ports.rates import Counted, Taken

KEYS_MAX: Final = 20_000
"""How many counts are held: a flood of strangers finds no room, and is refused."""


class MemoryRates:
    """Holds when each count has run down, in microseconds of the machine's steady time."""

    def __init__(self, clock: Clock, *, keys_max: int = KEYS_MAX) -> None:
        self._clock = clock
        self._keys_max = keys_max
        self._down_us: dict[str, int] = {}
        self.no_room = 0
        """How many requests found no room for their count."""

    def __len__(self) -> int:
        """Return how many counts are held."""
        return len(self._down_us)

    async def take(self, counts: Sequence[Counted]) -> Taken:
        """Let a request pass if every count allows it, and then count it in all of them."""
        now_us = self._clock.monotonic_ns() // 1_000
        ahead = [max(0, self._down_us.get(count.key, 0) - now_us) for count in counts]
        passes = all(each <= count.ahead_max_us for each, count in zip(ahead, counts, strict=True))
        if passes and not self._has_room(counts, now_us):
            self.no_room += 1
            return Taken(False, tuple(count.ahead_max_us + count.interval_us for count in counts))
        if passes:
            ahead = [each + count.interval_us for each, count in zip(ahead, counts, strict=True)]
            self._down_us.update(
                {count.key: now_us + each for each, count in zip(ahead, counts, strict=True)}
            )
        return Taken(passes, tuple(ahead))

    def _has_room(self, counts: Sequence[Counted], now_us: int) -> bool:
        fresh = sum(count.key not in self._down_us for count in counts)
        if len(self._down_us) + fresh > self._keys_max:
            self._down_us = {key: down_us for key, down_us in self._down_us.items() if down_us > now_us}
            fresh = sum(count.key not in self._down_us for count in counts)
        return len(self._down_us) + fresh <= self._keys_max
