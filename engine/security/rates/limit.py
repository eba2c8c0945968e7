"""How often something may be asked, and what is decided: the generic cell rate algorithm (ITU-T I.371, annex A).

One number a count: how much is ahead, a time that runs down by itself. A request passes while no more than the tolerance is ahead, and
adds its interval. Of a quota half may come at once and the other half comes back evenly over the window, so that no window of that
length, wherever it begins, sees more than the quota.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from engine.ports.rates import Counted

US_PER_S: Final = 1_000_000


class Limit(NamedTuple):
    """At most so many requests in any window."""

    name: str
    quota: int
    """2 or more."""
    window_s: int

    @property
    def burst(self) -> int:
        """How many may come at once."""
        return (self.quota + 1) // 2

    @property
    def interval_us(self) -> int:
        """After how many microseconds one more may come; rounded up, so that the quota holds."""
        return -(-self.window_s * US_PER_S // (self.quota - self.burst))

    def counted(self, whose: str) -> Counted:
        """Return the count of one who asks."""
        return Counted(f"{self.name}:{whose}", self.interval_us, self.interval_us * (self.burst - 1))


class Decision(NamedTuple):
    """Whether a request passes, and how the limit stands that leaves the least."""

    passes: bool
    limit: Limit
    remaining: int
    """How many more would pass now."""
    full_s: float
    """When the whole burst would be there again, seconds from now."""
    wait_s: float
    """How long to wait before the next one passes; 0 where it does."""
    is_counted: bool = True
    """False: nobody could be asked, and this was decided without."""


def decided(limits: tuple[Limit, ...], passes: bool, ahead_us: tuple[int, ...]) -> Decision:
    """Return a decision, told by the limit that leaves the least; limits and what is ahead are in the same order."""
    each = [_standing(limit, passes, ahead) for limit, ahead in zip(limits, ahead_us, strict=True)]
    return min(each, key=lambda decision: (-decision.wait_s, decision.remaining))


def _standing(limit: Limit, passes: bool, ahead_us: int) -> Decision:
    interval_us = limit.interval_us
    wait_us = max(0, ahead_us - interval_us * (limit.burst - 1))
    remaining = max(0, (interval_us * limit.burst - ahead_us) // interval_us)
    return Decision(passes, limit, remaining, ahead_us / US_PER_S, wait_us / US_PER_S)
