"""The logs as a person asks for them: what there is, and what comes."""

from __future__ import annotations

import heapq
import json
from collections import deque
from collections.abc import Iterable, Iterator
from pathlib import Path

from engine.messages.log_line import LogLine, Wanted
from engine.observe.log_files import LogFiles
from engine.observe.log_lines import read_line
from engine.observe.logs import GATEWAY_NAME, NAME


class LogReader:
    """Reads the engine's log and the gateway's as one, in the order of time; belongs to one thread at a time."""

    def __init__(self, folder: Path, wanted: Wanted) -> None:
        self._wanted = wanted
        self._logs = tuple(LogFiles(folder / name) for name in (NAME, GATEWAY_NAME))
        self._needle = json.dumps(wanted.correlation)[1:-1].encode()
        self._unreadable = 0

    @property
    def unreadable(self) -> int:
        """Lines that are none, and files that could not be read to their end."""
        return self._unreadable + sum(log.unreadable for log in self._logs)

    def lines(self) -> Iterator[LogLine]:
        """Yield the lines that are there now, the oldest first."""
        each = [self._read(log.history(self._wanted.since_ns)) for log in self._logs]
        return heapq.merge(*each, key=_at)

    def last(self, count: int) -> list[LogLine]:
        """Return so many of the newest lines that are there now, the oldest first."""
        return list(deque(self.lines(), maxlen=count))

    def news(self) -> list[LogLine]:
        """Return the lines that came since."""
        return sorted((line for log in self._logs for line in self._read(log.news())), key=_at)

    def close(self) -> None:
        """Let go of the files."""
        for log in self._logs:
            log.close()

    def _read(self, raw: Iterable[bytes]) -> Iterator[LogLine]:
        for each in raw:
            if self._needle not in each:
                continue
            line = read_line(each)
            if line is None:
                self._unreadable += 1
            elif self._wanted.takes(line):
                yield line


def _at(line: LogLine) -> int:
    return line.at_ns
