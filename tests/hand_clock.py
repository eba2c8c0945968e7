"""A clock whose steady time a test pushes on."""

from __future__ import annotations

from engine.clock import NS_PER_S, SimulatedClock, SystemClock


class HandClock:
    """Lends a clock another steady time; a class of its own could not, for a compiled clock has no heirs."""

    def __init__(self, clock: SystemClock | SimulatedClock) -> None:
        self.clock = clock
        self._pushed_ns = 0
        steady_ns = clock.monotonic_ns
        clock.monotonic_ns = lambda: steady_ns() + self._pushed_ns

    def waits(self, seconds: float) -> None:
        """Let so much of it have passed."""
        self._pushed_ns += round(seconds * NS_PER_S)
