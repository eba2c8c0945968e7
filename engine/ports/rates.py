"""Where it is counted who asked how often."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol


class Counted(NamedTuple):
    """One count that a request falls under."""

    key: str
    """Whose, and of what."""
    interval_us: int
    """How much one request adds to what is ahead."""
    ahead_max_us: int
    """How much may be ahead for one more to pass."""


class Taken(NamedTuple):
    """What a request led to."""

    passes: bool
    ahead_us: tuple[int, ...]
    """How much is ahead in each count now; it runs down as time goes by."""


class RateStore(Protocol):
    """Counts, for this desk or for all that share it. Whatever can't be asked raises a TransientError."""

    async def take(self, counts: Sequence[Counted]) -> Taken:
        """Let a request pass if every count allows it, and then count it in all of them, in one step."""
