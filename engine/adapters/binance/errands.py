"""What is read for each symbol while a connection lasts: one after the other, so that a gap in all is no storm."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from engine.errors import AdapterError, BreakerOpenError, DataError, ThrottledError
from engine.model.instrument import Symbol

AGAIN_S = 2.0
"""After a read that failed."""

Errand = Callable[[Symbol], Awaitable[None]]


class Errands:
    """Runs each errand of each symbol until it succeeds; one that waits already is not added again."""

    def __init__(self, failed: Callable[[Symbol, Exception], None]) -> None:
        self._failed = failed
        self._waiting: dict[tuple[Errand, Symbol], None] = {}
        self._come = asyncio.Event()

    def add(self, errand: Errand, symbol: Symbol) -> None:
        """Do this soon."""
        self._waiting[errand, symbol] = None
        self._come.set()

    def forget(self) -> None:
        """Do nothing of what waits."""
        self._waiting.clear()

    async def run(self) -> None:
        """Do what comes until cancelled."""
        while True:
            self._come.clear()
            while self._waiting:
                errand, symbol = next(iter(self._waiting))
                del self._waiting[errand, symbol]
                await self._do(errand, symbol)
            await self._come.wait()

    async def _do(self, errand: Errand, symbol: Symbol) -> None:
        try:
            await errand(symbol)
        except (AdapterError, DataError) as error:
            self._failed(symbol, error)
            await asyncio.sleep(pause_s(error))
            self.add(errand, symbol)


def pause_s(error: Exception) -> float:
    """Return how long to wait after a failed read before the next one."""
    if isinstance(error, BreakerOpenError | ThrottledError):
        return max(AGAIN_S, error.retry_after_s)
    return AGAIN_S
