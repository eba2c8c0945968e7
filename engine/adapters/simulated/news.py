"""Rare news that moves one share so far that its market halts."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from engine.clock import NS_PER_S

_FIRST_S = (40.0, 80.0)
_SHARE_MEAN_S = 100_000.0
"""How long one share is left alone on average: about four trading days."""
_JUMP = (0.065, 0.095)


class NewsWire:
    """Says which market hears what, and when; the first comes soon after the start."""

    __slots__ = ("_random", "_targets", "due_ns")

    def __init__(self, targets: Sequence[int], start_ns: int, random: Random) -> None:
        self._targets = targets
        self._random = random
        self.due_ns = start_ns + int(random.uniform(*_FIRST_S) * NS_PER_S)
        """When the next piece comes."""

    def read(self) -> tuple[int, float] | None:
        """Return whom the piece that is due is about and by what fraction it moves it."""
        random = self._random
        self.due_ns += int(random.expovariate(max(1, len(self._targets)) / _SHARE_MEAN_S) * NS_PER_S)
        if not self._targets:
            return None
        return random.choice(self._targets), random.choice((-1, 1)) * random.uniform(*_JUMP)
