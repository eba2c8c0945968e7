"""The control socket of a running desk, on a thread of its own."""

from __future__ import annotations

import socket
import threading
from pathlib import Path

from engine.clock import Clock
from engine.control.controls import Controls
from engine.control.errands import Errands
from engine.control.listener import Listener
from engine.control.places import KeptPlaces
from engine.control.reception import Counters, Reception
from engine.control.watch import Watch


class ControlServer:
    """Neither a frozen screen nor a busy engine loop keeps it from answering: it shares no loop with them."""

    def __init__(self, path: Path, controls: Controls, clock: Clock) -> None:
        self.path = path
        self.counters = Counters()
        self._errands = Errands(controls, Watch(controls, clock))
        self._clock = clock
        self._thread: threading.Thread | None = None
        self._stop: socket.socket | None = None

    def open(self) -> None:
        """Begin to listen.

        Raises:
            EngineError: another desk listens there, or the folder is not ours alone.
        """
        listener = Listener.open(self.path)
        self._stop, stopped = socket.socketpair()
        places = KeptPlaces()
        places.keep()
        reception = Reception(listener, places, self._errands, self.counters, self._clock)
        self._thread = threading.Thread(
            target=reception.run, args=(stopped,), name="touchline-control", daemon=True
        )
        self._thread.start()

    def close(self) -> None:
        """Answer those who still wait, and stop listening; one that never began has nothing to stop."""
        if self._stop is not None and self._thread is not None:
            self._stop.close()
            self._thread.join()
            self._stop = self._thread = None
