"""Waits for the keyboard without looking whether there is something: an idle desk sleeps.

Textual's own thread looks at the terminal ten times a second, which is nearly half of all that an idle desk does, and
takes up to twice the escape delay to tell a lone `esc`. This one is woken by what comes, by the end of that delay,
and by whoever ends it.
"""

from __future__ import annotations

import os
import selectors
import socket
from codecs import getincrementaldecoder
from collections.abc import Callable
from contextlib import suppress
from threading import Event
from typing import Final

from textual._time import get_time
from textual._xterm_parser import XTermParser
from textual.driver import Driver
from textual.message import Message

_READ_BYTES: Final = 4096
_LOOK_S: Final = 1.0
"""How often it is looked all the same: who ends it just as it begins wakes nobody."""
_GONE_S: Final = 0.1
"""How often a terminal that is at its end is looked at: it ends the desk by other ways."""


class Keyboard:
    """Reads a terminal, and tells what is typed there."""

    def __init__(self, fileno: int, tell: Callable[[Message], None], *, debug: bool = False) -> None:
        self._fileno = fileno
        self._tell = tell
        self._parser = XTermParser(debug)
        self._decode = getincrementaldecoder("utf-8")().decode
        self._is_over = False
        """Whether the terminal has nothing more to say, ever."""

    def listen(self, ended: Event, woken: socket.socket) -> None:
        """Read until it is ended, then what is there still; whoever ends it sends something to `woken`."""
        with selectors.SelectSelector() as selector:
            selector.register(self._fileno, selectors.EVENT_READ)
            selector.register(woken, selectors.EVENT_READ)
            while not ended.is_set():
                self._take(selector, self._patience_s)
                if self._is_over:
                    ended.wait(_GONE_S)
            self._take(selector, 0.0)

    @property
    def _patience_s(self) -> float:
        """How long may be waited for more until what came must be told as it is."""
        due_s: float | None = self._parser._timeout_time  # noqa: SLF001  # Textual is pinned, and a test checks it
        return _LOOK_S if due_s is None else max(0.0, due_s - get_time())

    def _take(self, selector: selectors.BaseSelector, patience_s: float) -> None:
        """Tell what comes, and what nothing more came of in time, as a lone `esc`."""
        if any(key.fd == self._fileno for key, _ in selector.select(patience_s)):
            typed = os.read(self._fileno, _READ_BYTES)
            self._is_over = not typed
            text = self._decode(typed)
            for message in self._parser.feed(text) if text else ():  # nothing would be its end
                self._tell(message)
        for message in self._parser.tick():
            self._tell(message)


def patient(driver: type[Driver]) -> type[Driver]:
    """Return a driver that sleeps until something is typed; one that has no thread of its own for it stays as it is."""
    if not hasattr(driver, "run_input_thread"):
        return driver

    class PatientDriver(driver):  # type: ignore[misc, valid-type]
        """Reads the terminal as its base does, once there is something."""

        _end: socket.socket | None = None

        def run_input_thread(self) -> None:
            """Read until the end is asked for."""
            woken, self._end = socket.socketpair()
            with woken, self._end:
                Keyboard(self.fileno, self.process_message, debug=self._debug).listen(self.exit_event, woken)

        def disable_input(self) -> None:
            """Wake the thread, which then sees that it is to end."""
            if self._end is not None:
                with suppress(OSError):  # it has ended by itself
                    self._end.send(b"\0")
            super().disable_input()

    return PatientDriver
