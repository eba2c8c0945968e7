"""A program without a screen waits until it is told to end."""

from __future__ import annotations

import signal
import threading
from types import FrameType

HEARD = {
    signal.SIGHUP: "the terminal was closed",
    signal.SIGINT: "told to end (Ctrl-C)",
    signal.SIGTERM: "told to end (SIGTERM)",
}


class ToldToEnd:
    """Hears the signals that end a program, from when it is made; those that are ignored stay so."""

    def __init__(self) -> None:
        self.told = threading.Event()
        """Set once one came."""
        self._number: signal.Signals | None = None
        for number in HEARD:
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, self._hear)

    def wait(self) -> signal.Signals:
        """Return the first one, once it came."""
        self.told.wait()
        assert self._number is not None
        return self._number

    def _hear(self, number: int, _frame: FrameType | None) -> None:
        if self._number is None:
            self._number = signal.Signals(number)
        self.told.set()
