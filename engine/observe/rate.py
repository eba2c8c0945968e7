"""How fast a count grows."""

from __future__ import annotations

from collections.abc import Callable

from engine.clock import NS_PER_S


class Rate:
    """Turns a count that is looked at now and then into a rate over the time between."""

    __slots__ = ("_count", "_monotonic_ns", "_seen_ns", "latest")

    def __init__(self, monotonic_ns: Callable[[], int]) -> None:
        self._monotonic_ns = monotonic_ns
        self._seen_ns = monotonic_ns()
        self._count = 0
        self.latest = 0.0
        """What was returned last."""

    def per_second(self, count: int) -> float:
        """Return how much the count grew a second since the last call; 0 where it was set back."""
        now_ns = self._monotonic_ns()
        elapsed_ns = now_ns - self._seen_ns
        if elapsed_ns > 0:
            self.latest = max(0.0, (count - self._count) * NS_PER_S / elapsed_ns)
            self._count, self._seen_ns = count, now_ns
        return self.latest


class SteadyRate(Rate):
    """A rate over stretches of a least length, for one who looks more often than that."""

    __slots__ = ("_least_ns",)

    def __init__(self, monotonic_ns: Callable[[], int], least_ns: int) -> None:
        super().__init__(monotonic_ns)
        self._least_ns = least_ns

    def begin(self, count: int) -> None:
        """Measure from here on: what was before does not count."""
        self._count, self._seen_ns, self.latest = count, self._monotonic_ns(), 0.0

    def read(self, count: int) -> float:
        """Return how much the count grew a second over the last whole stretch; 0 before the first."""
        if self._monotonic_ns() - self._seen_ns >= self._least_ns:
            self.per_second(count)
        return self.latest
