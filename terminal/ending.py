"""The end that nobody at the desk asked for: the terminal is closed, or the program is told to end.

Both are heard on a thread of its own, and the engine is ended from there: a screen that is frozen, as one is whose
terminal takes nothing any more, keeps neither from happening.
"""

from __future__ import annotations

import os
import select
import signal
import sys
import threading
from types import TracebackType
from typing import TYPE_CHECKING, Self

from terminal.app import DeskApp
from terminal.gone import Terminal, outliving

if TYPE_CHECKING:
    from engine.face import EngineFace

UNPROVEN = 1
"""The exit code of an end that left undone what was to be done."""
SCREEN_ENDS_WITHIN_S = 5.0
"""How long the screen has to close once the engine has ended."""
_HEARD = {signal.SIGHUP: "the terminal was closed", signal.SIGTERM: "told to end (SIGTERM)"}


class Ending:
    """Ends the engine, then the screen, when the terminal is closed or the program is told to end."""

    def __init__(self, engine: EngineFace, app: DeskApp) -> None:
        self._engine = engine
        self._app = app
        app.driver_class = outliving(app.driver_class)
        self._terminal = Terminal(sys.stdin.fileno())
        self._screen_ended = threading.Event()
        self._thread = threading.Thread(target=self._listen, name="touchline-ending", daemon=True)
        self._heard, self._told = os.pipe()
        self.reason = ""
        """Why it ended; empty where a person left."""
        self.code: int | None = None
        """The exit code: 128 and the signal's number, or `UNPROVEN`; None where a person left."""

    def __enter__(self) -> Self:
        os.set_blocking(self._told, False)
        signal.set_wakeup_fd(self._told, warn_on_full_buffer=False)
        for number in _HEARD:
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, lambda *_: None)  # it is read from the pipe, on our thread
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        self._screen_ended.set()
        os.write(self._told, b"\0")
        self._thread.join()
        self._terminal.let_go_if_gone()

    def _listen(self) -> None:
        number = self._hear()
        if number is None:
            return
        self.reason, self.code = _HEARD[number], 128 + number
        self._terminal.let_go_if_gone()
        self._engine.end(self.reason)
        self._app.call_later(self._app.exit)
        if self._engine.stop():
            self.code = UNPROVEN
        if not self._screen_ended.wait(SCREEN_ENDS_WITHIN_S):
            self._terminal.restore()
            os._exit(self.code)

    def _hear(self) -> signal.Signals | None:
        """Wait for what ends it; return its signal, None when the screen ended by itself."""
        poll = select.poll()
        poll.register(self._heard, select.POLLIN)
        poll.register(self._terminal.fileno, 0)  # only that it is gone
        while True:
            for fileno, events in poll.poll():
                if fileno != self._heard:
                    if events & (select.POLLHUP | select.POLLERR):
                        return signal.SIGHUP
                    poll.unregister(fileno)  # what can't be polled is only heard of by its signal
                elif (number := os.read(fileno, 1)[0]) in _HEARD:
                    return signal.Signals(number)
                elif number == 0:
                    return None
