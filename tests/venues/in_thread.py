"""A venue in a thread with a loop of its own; whatever is done to it from a test happens on that loop."""

from __future__ import annotations

import asyncio
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from types import TracebackType
from typing import Self, TypeVar

T = TypeVar("T")


class ThreadedVenue(ABC):
    """Runs while it is entered."""

    def __init__(self, name: str) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name=name, daemon=True)

    @abstractmethod
    async def _open(self) -> None:
        """Listen."""

    @abstractmethod
    async def _close(self) -> None:
        """Listen no more, and drop everyone."""

    def __enter__(self) -> Self:
        self._thread.start()
        self.open()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        self.close()
        self.do(self._leave)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def do(self, what: Callable[[], T]) -> T:
        """Do something on the venue's loop, and wait for it."""

        async def done() -> T:
            return what()

        return asyncio.run_coroutine_threadsafe(done(), self._loop).result(30)

    def open(self) -> None:
        """Listen, on the same port as before."""
        asyncio.run_coroutine_threadsafe(self._open(), self._loop).result(30)

    def close(self) -> None:
        """Listen no more and drop everyone."""
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(30)

    def _leave(self) -> None:
        for task in asyncio.all_tasks(self._loop):
            if task is not asyncio.current_task(self._loop):
                task.cancel()
