"""One thread that judges windows of drift, one after the other: each takes some milliseconds, and no bar waits for it."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

from engine.signals.statistics.drift_watch import Work


class Worker:
    """Makes its thread with the first window; where there is no loop to keep free, work is done at once."""

    def __init__(self) -> None:
        self._pool: ThreadPoolExecutor | None = None

    def later(self, work: Work) -> None:
        """Have some work done soon."""
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            work()
            return
        if self._pool is None:
            self._pool = ThreadPoolExecutor(1, "touchline-drift")
        loop.run_in_executor(self._pool, work)
