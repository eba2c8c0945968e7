"""What fills cost: it is told apart from them, mostly at once, and now and then late."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from contextlib import suppress
from typing import Any, Final, NamedTuple

FEE_S: Final = 1.0
"""How long a fill waits for what it cost; then it is told without, and corrected once that comes."""
KEPT_MAX: Final = 20_000


class _Waiting(NamedTuple):
    what: Any
    timer: asyncio.TimerHandle


class Fees:
    """Brings fills and what they cost together."""

    def __init__(self, settled: Callable[[Any, Any], None]) -> None:
        """Take who is told of a fill with its fee, or with None where that is not known."""
        self._settled = settled
        self._fees: dict[str, Any] = {}
        self._waiting: dict[str, _Waiting] = {}
        self._without: dict[str, Any] = {}
        """Fills that were told without a fee."""
        self._news = asyncio.Event()

    def of(self, exec_id: str) -> Any:
        """Return what a fill cost, None where that is not known."""
        return self._fees.get(exec_id)

    def wait_for(self, what: tuple[Any, ...], exec_id: str) -> None:
        """Tell of a fill once its fee is known; a fill that comes again is told again with it."""
        if (fee := self._fees.get(exec_id)) is not None:
            self._settled(what, fee)
        elif exec_id not in self._waiting:
            timer = asyncio.get_running_loop().call_later(FEE_S, self._late, exec_id)
            self._waiting[exec_id] = _Waiting(what, timer)

    def take(self, fee: Any) -> None:
        """Hear of a fee."""
        exec_id = fee.execId
        is_news = exec_id not in self._fees
        self._news.set()
        self._fees[exec_id] = fee
        if len(self._fees) > KEPT_MAX:
            del self._fees[next(iter(self._fees))]
        waiting = self._waiting.pop(exec_id, None)
        if waiting is not None:
            waiting.timer.cancel()
            self._settled(waiting.what, fee)
        elif is_news and (what := self._without.pop(exec_id, None)) is not None:
            self._settled(what, fee)

    async def come(self, exec_ids: Collection[str]) -> None:
        """Wait until the fees of these are known, or for as long as a fill waits for its own."""
        with suppress(TimeoutError):
            async with asyncio.timeout(FEE_S):
                while not all(each in self._fees for each in exec_ids):
                    self._news.clear()
                    await self._news.wait()

    def hurry(self, life: object) -> None:
        """Tell the fills of an order now: it has ended."""
        for exec_id, waiting in list(self._waiting.items()):
            if waiting.what[0] is life:
                waiting.timer.cancel()
                self._late(exec_id)

    def stop(self) -> None:
        """Tell what waits, and wait no more: the connection is gone, and the rest is asked for."""
        for exec_id, waiting in list(self._waiting.items()):
            waiting.timer.cancel()
            self._late(exec_id)

    def _late(self, exec_id: str) -> None:
        waiting = self._waiting.pop(exec_id)
        self._without[exec_id] = waiting.what
        if len(self._without) > KEPT_MAX:
            del self._without[next(iter(self._without))]
        self._settled(waiting.what, None)
