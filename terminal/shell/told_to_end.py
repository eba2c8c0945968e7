"""A program without a screen waits until it is told to end."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from queue import SimpleQueue
from types import FrameType
from typing import Final

HEARD = {
    signal.SIGHUP: "the terminal was closed",
    signal.SIGINT: "told to end (Ctrl-C)",
    signal.SIGTERM: "told to end (SIGTERM)",
}
_LOOK_S: Final = 0.5


class ToldToEnd:
    """Hears the signals that end a program, from when it is made; those that are ignored stay so."""

    def __init__(self) -> None:
        self.told = threading.Event()
        """Set once one came."""
        self._number: signal.Signals | None = None
        self._heard = SimpleQueue[signal.Signals]()
        threading.Thread(target=self._tell, name="touchline-told", daemon=True).start()
        for number in HEARD:
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, self._hear)

    def wait(self, meanwhile: Callable[[], None] = lambda: None) -> signal.Signals:
        """Return the first one, once it came; call `meanwhile` every now and then until it does."""
        # A signal just before the wait interrupts nothing: it is heard when the wait looks up.
        while not self.told.wait(_LOOK_S):
            meanwhile()
        assert self._number is not None
        return self._number

    def _hear(self, number: int, _frame: FrameType | None) -> None:
        """Take no lock: the thread that is interrupted may hold it. What puts into this queue may be interrupted anywhere."""
        self._heard.put(signal.Signals(number))

    def _tell(self) -> None:
        self._number = self._heard.get()
        self.told.set()
