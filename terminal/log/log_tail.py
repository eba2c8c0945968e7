"""Reads the log for the desk, in a thread that nobody waits for."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from engine.messages.log_line import LogLine, Wanted
from engine.shell.log_reader import LogReader
from terminal.log.log_view import KEPT_MAX

LOOK_S: Final = 0.5


class LogTail:
    """Tells what there is of the log, then what comes, for as long as it runs."""

    def __init__(self, folder: Path, name: str) -> None:
        """Follow everything, or only what belongs to the order or command of this name."""
        self._reader = LogReader(folder, Wanted(name))
        self._one = threading.Lock()

    async def run(
        self, begin: Callable[[Sequence[LogLine]], None], add: Callable[[Sequence[LogLine]], None]
    ) -> None:
        """Call `begin` with what there is and `add` with what comes, on the loop that runs it, until cancelled."""
        try:
            begin(await asyncio.to_thread(self._read, lambda: self._reader.last(KEPT_MAX)))
            while True:
                await asyncio.sleep(LOOK_S)
                if lines := await asyncio.to_thread(self._read, self._reader.news):
                    add(lines)
        finally:
            threading.Thread(target=self._let_go, name="touchline-log-end").start()

    def _read(self, what: Callable[[], list[LogLine]]) -> list[LogLine]:
        with self._one:
            return what()

    def _let_go(self) -> None:
        """Close the files once they are not read any more: a read that was called off goes on in its thread."""
        with self._one:
            self._reader.close()
