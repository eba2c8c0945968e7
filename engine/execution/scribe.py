"""Writes to the journal on the order manager's behalf, and keeps count when it can't."""

from __future__ import annotations

from msgspec import Struct

from engine.errors import JournalError
from engine.execution.blotter import Blotter
from engine.messages.events import Denial, Severity
from engine.ports.journal import Journal


class Scribe:
    """Two ways to write: what must be on disk first, and what happens whether or not it can be written."""

    __slots__ = ("_blotter", "_failing", "_write", "failures")

    def __init__(self, journal: Journal, blotter: Blotter) -> None:
        self._write = journal.append
        self._blotter = blotter
        self._failing = False
        self.failures = 0
        """How many records could not be written."""

    def record(self, message: Struct) -> tuple[Denial, ...]:
        """Write a record; return the denial of what it announces when it can't be written."""
        try:
            self._write(message)
        except JournalError as error:
            self._failed(error)
            return (Denial("journal", f"the journal can't be written: {error}"),)
        self._failing = False
        return ()

    def note(self, message: Struct) -> None:
        """Write a record of what happens anyway: a cancel, a denial, a venue's report."""
        try:
            self._write(message)
        except JournalError as error:
            self._failed(error)
        else:
            self._failing = False

    def _failed(self, error: JournalError) -> None:
        self.failures += 1
        if not self._failing:
            self._failing = True
            self._blotter.alert(Severity.CRITICAL, f"journal: {error}; new orders are denied until it writes")
