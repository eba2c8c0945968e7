"""How often: a token bucket in one number, and a count of the last second for the gauge."""

from __future__ import annotations

from collections import deque
from decimal import Decimal
from typing import Final

from engine.clock import NS_PER_S

_SENDS_KEPT: Final = 4_096


class Throttle:
    """Admits `burst` at once and `rate_per_s` for ever; what is over is refused, never queued.

    The generic cell rate algorithm, as a pure question (`admits`) and a separate deed (`take`).
    """

    __slots__ = ("_burst_ns", "_sends", "_step_ns", "full_ns")

    def __init__(self, rate_per_s: Decimal, burst: int) -> None:
        self.full_ns = 0
        """When the bucket will be full again, ns UTC."""
        self._sends: deque[int] = deque(maxlen=_SENDS_KEPT)
        self.set_limit(rate_per_s, burst)

    def set_limit(self, rate_per_s: Decimal, burst: int) -> None:
        """Change the limit; what was taken stays taken."""
        self._step_ns = max(1, int(NS_PER_S / rate_per_s))
        self._burst_ns = burst * self._step_ns

    def admits(self, now_ns: int) -> bool:
        """Return whether one more may go now."""
        ahead_ns = self.full_ns - now_ns
        return ahead_ns + self._step_ns <= self._burst_ns or ahead_ns > self._burst_ns

    def wait_ns(self, now_ns: int) -> int:
        """Return how long until one more may go; 0 when it may now."""
        return 0 if self.admits(now_ns) else self.full_ns - now_ns + self._step_ns - self._burst_ns

    def take(self, now_ns: int) -> None:
        """Count one that goes now."""
        if self.full_ns - now_ns > self._burst_ns:
            self.full_ns = now_ns  # the clock went back: a replay jumped
        self.full_ns = max(self.full_ns, now_ns) + self._step_ns
        self._sends.append(now_ns)

    def last_second(self, now_ns: int) -> int:
        """Return how many went in the second that ends now."""
        sends = self._sends
        while sends and not 0 <= now_ns - sends[0] < NS_PER_S:
            sends.popleft()
        return len(sends)
