"""An event loop in a thread of its own, so that a slow paint never delays an order."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Callable, Coroutine
from typing import Any

SWITCH_INTERVAL_S = 0.0002
"""How soon the interpreter lets the other thread run; measured in docs/adr/0002."""
HEAD_START_S = 0.002
"""How long who hands over a call that comes first waits for it at most."""


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop]:
    try:
        import uvloop  # noqa: PLC0415  # an extra: used where it is installed
    except ImportError:
        return asyncio.new_event_loop
    return uvloop.new_event_loop


class LoopThread:
    """Runs one coroutine on a loop in a thread; others hand it calls."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._main: asyncio.Task[None] | None = None
        self._ready = threading.Event()
        self.calls_dropped = 0
        """Calls that came when the loop was not running."""

    def start(self, main: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Start the thread and wait until its loop runs; once is enough."""
        assert self._thread is None, f"{self._name} is running already"
        sys.setswitchinterval(SWITCH_INTERVAL_S)
        self._thread = threading.Thread(target=self._run, args=(main,), name=self._name, daemon=True)
        self._thread.start()
        self._ready.wait()

    def call(self, callback: Callable[..., None], *args: object) -> None:
        """Run a call on the loop soon, in order; counted and dropped when the loop is not running."""
        loop = self._loop
        if loop is None or loop.is_closed():
            self.calls_dropped += 1
            return
        try:
            loop.call_soon_threadsafe(callback, *args)
        except RuntimeError:
            self.calls_dropped += 1

    def call_first(self, callback: Callable[..., None], *args: object) -> None:
        """Run a call on the loop before its caller goes on, unless that takes too long.

        Without it both want the interpreter at once, and the loop's thread, which has to be woken, has it last.
        """
        runs, taken = self.is_running, threading.Lock()
        taken.acquire()
        self.call(_run_and_release, taken, callback, args)
        if runs:
            taken.acquire(timeout=HEAD_START_S)

    def stop(self, timeout_s: float = 5.0) -> None:
        """Cancel the coroutine and wait for the thread to end."""
        if self._thread is None:
            return
        self.cancel()
        self.wait(timeout_s)
        self._thread = None

    def cancel(self) -> None:
        """Cancel the coroutine soon."""
        self.call(self._cancel)

    def wait(self, timeout_s: float) -> None:
        """Wait for the thread to end by itself, for so long at most."""
        if self._thread is not None:
            self._thread.join(timeout_s)

    @property
    def is_running(self) -> bool:
        """Whether the thread is alive."""
        return self._thread is not None and self._thread.is_alive()

    def _cancel(self) -> None:
        if self._main is not None:
            self._main.cancel()

    def _run(self, main: Callable[[], Coroutine[Any, Any, None]]) -> None:
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            self._loop = runner.get_loop()
            try:
                runner.run(self._host(main))
            except asyncio.CancelledError:
                return
            finally:
                self._loop = None
                self._ready.set()

    async def _host(self, main: Callable[[], Coroutine[Any, Any, None]]) -> None:
        self._main = asyncio.current_task()
        self._ready.set()
        await main()


def _run_and_release(taken: threading.Lock, callback: Callable[..., None], args: tuple[object, ...]) -> None:
    try:
        callback(*args)
    finally:
        taken.release()
