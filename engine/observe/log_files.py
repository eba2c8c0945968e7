"""Reads a log's files, the oldest first, and then what comes; where a file is moved aside, nothing between is lost."""

from __future__ import annotations

import gzip
import os
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final, Protocol

from engine.observe.logs import LINE_MAX

_ROTATED: Final = re.compile(r"\.([0-9]{1,4})(\.gz)?")
_UNREADABLE: Final = (OSError, EOFError, zlib.error)
_PIECE: Final = 1 << 16


class _Readable(Protocol):
    """Bytes, piece by piece."""

    def read(self, size: int = ..., /) -> bytes:
        """Return so many at most."""


class LogFiles:
    """One log: its file by this name, and those that were moved aside, packed or not."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.unreadable = 0
        """Lines that were too long or torn, and files that could not be read to their end."""
        self._file: IO[bytes] | None = None
        self._rest = b""
        """The beginning of a line whose end has not come yet."""
        self._is_cut = False
        """Whether the line that is read is too long, and left out."""

    def history(self, since_ns: int = 0) -> Iterator[bytes]:
        """Yield the whole lines that are there now, the oldest first; of older files those that end after `since_ns`."""
        if not self._open() and os.path.lexists(self.path):
            self.unreadable += 1
        current = os.fstat(self._file.fileno()) if self._file is not None else None
        for path in self._aside():
            yield from self._whole(path, current, since_ns)
        yield from self.news()

    def news(self) -> Iterator[bytes]:
        """Yield the whole lines that came since, in this file and in one that took its place."""
        while self._file is not None or self._open():
            file = self._file
            assert file is not None
            in_place = self._is_in_place(file)
            try:
                yield from self._lines(file)
            except OSError:
                self.unreadable += 1
                return
            if in_place:
                return
            self._tear()
            self.close()

    def close(self) -> None:
        """Let go of the file; what comes next is read from the beginning of the one there is then."""
        if self._file is not None:
            self._file.close()
        self._file, self._rest, self._is_cut = None, b"", False

    def _open(self) -> bool:
        try:
            self._file = self.path.open("rb", buffering=0)
        except OSError:
            return False
        return True

    def _is_in_place(self, file: IO[bytes]) -> bool:
        """Tell whether what is open still has the name; one that was cut short is read from its beginning."""
        mine = os.fstat(file.fileno())
        if mine.st_size < file.tell():
            file.seek(0)
            self._rest = b""
        try:
            return os.path.samestat(self.path.stat(), mine)
        except OSError:
            return False

    def _aside(self) -> list[Path]:
        """Return the files that were moved aside, the oldest first."""
        try:
            names = [each.name for each in self.path.parent.iterdir()]
        except OSError:
            return []
        own = self.path.name
        found = [
            (int(number[1]), name)
            for name in names
            if name.startswith(own) and (number := _ROTATED.fullmatch(name[len(own) :])) is not None
        ]
        return [self.path.with_name(name) for _, name in sorted(found, reverse=True)]

    def _whole(self, path: Path, current: os.stat_result | None, since_ns: int) -> Iterator[bytes]:
        """Yield the lines of a file that grows no more, unless it is the one that is open, or all older."""
        packed = path.suffix == ".gz"
        try:
            with path.open("rb") as file:
                told = os.fstat(file.fileno())
                if told.st_mtime_ns < since_ns or (current is not None and os.path.samestat(told, current)):
                    return
                yield from self._lines(gzip.open(file) if packed else file)  # noqa: SIM115  # its file is closed
                self._tear()
        except _UNREADABLE:
            self.unreadable += 1
        finally:
            self._rest, self._is_cut = b"", False

    def _tear(self) -> None:
        """Count a last line that never came to its end."""
        self.unreadable += bool(self._rest) or self._is_cut

    def _lines(self, file: _Readable) -> Iterator[bytes]:
        """Yield whole lines up to the end of what is there; a line that is too long is counted and left out."""
        while piece := file.read(_PIECE):
            *whole, rest = (self._rest + piece).split(b"\n")
            self._rest = rest
            for line in whole:
                if self._is_cut or len(line) > LINE_MAX:
                    self._is_cut = False
                    self.unreadable += 1
                elif line:
                    yield line
            if len(self._rest) > LINE_MAX:
                self._rest, self._is_cut = b"", True
