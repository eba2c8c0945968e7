"""One exchange object of ccxt, from its first request to its close, on a loop in a thread of its own.

What it costs to read its messages is not the engine's time, and what it leaves behind ends with its loop.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, TypeVar

from engine.adapters.ccxt.refusals import meaning_of
from engine.errors import TransientError
from engine.thread import LoopThread

T = TypeVar("T")

CLOSE_S = 2.0
"""How long its connections may take to close."""


class Session:
    """Is asked on the engine's loop, and works on its own."""

    def __init__(self, make: Callable[[], Any]) -> None:
        self._make = make
        self._exchange: Any = None
        self._broken: Exception | None = None
        self._thread = LoopThread("touchline-ccxt")
        self._tasks: dict[asyncio.Future[Any], asyncio.Task[Any]] = {}
        """What is being worked on, by where its answer goes."""

    def start(self) -> None:
        """Start the thread; the exchange is made on it."""
        self._thread.start(self._host)

    async def ask(self, work: Callable[[Any], Awaitable[T]]) -> T:
        """Do some work with the exchange, and return what came of it; who is cancelled ends the work.

        Raises:
            AdapterError: it failed, or there is no thread any more.
        """
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[T] = loop.create_future()
        dropped = self._thread.calls_dropped
        self._thread.call(self._begin, work, loop, answer)
        if self._thread.calls_dropped != dropped:
            raise TransientError("the connection is gone")
        try:
            return await answer
        finally:
            if answer.cancelled():
                self._thread.call(self._drop, answer)

    async def close(self) -> None:
        """End everything, and wait for it."""
        self._thread.cancel()
        await asyncio.to_thread(self._thread.wait, 2 * CLOSE_S)

    # On its own thread

    async def _host(self) -> None:
        try:
            self._exchange = self._make()
        except Exception as error:  # noqa: BLE001  # whoever asks is told
            self._broken = error
        try:
            await asyncio.Event().wait()
        finally:
            for task in self._tasks.values():
                task.cancel()
            if self._exchange is not None:
                with contextlib.suppress(Exception):
                    async with asyncio.timeout(CLOSE_S):
                        await self._exchange.close()

    def _begin(
        self, work: Callable[[Any], Awaitable[T]], loop: asyncio.AbstractEventLoop, answer: asyncio.Future[T]
    ) -> None:
        task = asyncio.get_running_loop().create_task(self._work(work))
        self._tasks[answer] = task
        task.add_done_callback(partial(self._done, loop, answer))

    def _drop(self, answer: asyncio.Future[Any]) -> None:
        task = self._tasks.get(answer)
        if task is not None:
            task.cancel()

    async def _work(self, work: Callable[[Any], Awaitable[T]]) -> T:
        if self._broken is not None:
            raise self._broken
        return await work(self._exchange)

    def _done(
        self, loop: asyncio.AbstractEventLoop, answer: asyncio.Future[T], task: asyncio.Task[T]
    ) -> None:
        self._tasks.pop(answer, None)
        with contextlib.suppress(RuntimeError):  # the engine's loop may have ended before
            loop.call_soon_threadsafe(_settle, answer, task)


def _settle(answer: asyncio.Future[T], task: asyncio.Task[T]) -> None:
    if answer.done():
        return
    if task.cancelled():
        answer.set_exception(TransientError("the connection is gone"))
    elif (error := task.exception()) is not None:
        answer.set_exception(meaning_of(error))
    else:
        answer.set_result(task.result())
