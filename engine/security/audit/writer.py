"""Writes what the engine notes to the audit log, in a thread: an engine that halts does not wait for a disk."""

from __future__ import annotations

from contextlib import suppress
from queue import Full, Queue
from threading import Lock, Thread
from typing import Final

from engine.errors import EngineError
from engine.security.audit.entry import Act
from engine.security.audit.log import AuditLog

WAITING_MAX: Final = 1024
CLOSE_S: Final = 5.0
"""How long an end waits for what is not written yet."""


class AuditWriter:
    """Takes acts in from any thread, and writes them in that order; what it can't keep is counted and told."""

    def __init__(self, log: AuditLog, who: str) -> None:
        self.who = who
        """Whose program this is."""
        self.dropped = 0
        """Acts that are not in the log: too many waited, or it could not be written."""
        self.failure = ""
        """Why the last act is not in the log; empty when it is."""
        self._log = log
        self._waiting: Queue[Act | None] = Queue(WAITING_MAX)
        self._starting = Lock()
        self._thread: Thread | None = None

    def note(self, act: Act) -> None:
        """Have an act written soon."""
        try:
            self._waiting.put_nowait(act)
        except Full:
            self._lose(f"{self._log.path}: {WAITING_MAX:,} acts wait to be written")
            return
        with self._starting:
            if self._thread is None:
                self._thread = Thread(target=self._run, name="touchline-audit", daemon=True)
                self._thread.start()

    def close(self) -> None:
        """Wait for what is not written yet, as long as a disk may be waited for; nothing is noted from here on."""
        if self._thread is not None:
            with suppress(Full):
                self._waiting.put_nowait(None)
            self._thread.join(CLOSE_S)

    def _run(self) -> None:
        while (act := self._waiting.get()) is not None:
            try:
                self._log.write(act)
            except EngineError as error:
                self._lose(str(error))
            else:
                self.failure = ""

    def _lose(self, reason: str) -> None:
        self.dropped += 1
        self.failure = f"{reason} ({self.dropped:,} are missing)"
