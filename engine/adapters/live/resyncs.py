"""Books that need a fresh snapshot: each is asked for, but not again and again without a pause."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from engine.clock import NS_PER_S, Clock
from engine.model.instrument import Symbol

PAUSE_S = 1.0
"""Between two requests for the same book."""


class Resyncs:
    """Asks at once the first time, and then no sooner than a pause after."""

    def __init__(self, clock: Clock, request: Callable[[Symbol], None]) -> None:
        self.asked = 0
        """How many snapshots were asked for."""
        self._clock = clock
        self._request = request
        self._latest_ns: dict[Symbol, int] = {}
        self._due: dict[Symbol, asyncio.TimerHandle] = {}

    def ask(self, symbol: Symbol, reason: str) -> None:  # noqa: ARG002  # the market room says why on screen
        """Ask for the snapshot of a book, on the loop's thread."""
        if symbol in self._due:
            return
        passed_s = (self._clock.monotonic_ns() - self._latest_ns.get(symbol, 0)) / NS_PER_S
        wait_s = PAUSE_S - passed_s if symbol in self._latest_ns else 0.0
        if wait_s <= 0:
            self._ask(symbol)
        else:
            self._due[symbol] = asyncio.get_running_loop().call_later(wait_s, self._ask, symbol)

    def forget(self) -> None:
        """Ask for nothing more: the connection is gone, and the next one brings snapshots by itself."""
        for timer in self._due.values():
            timer.cancel()
        self._due.clear()

    def _ask(self, symbol: Symbol) -> None:
        self._due.pop(symbol, None)
        self._latest_ns[symbol] = self._clock.monotonic_ns()
        self.asked += 1
        self._request(symbol)
