"""A text file that never outgrows its bounds: when it is full it is moved aside, and the oldest goes.

Several processes may write to it: where another one moved it aside, the next line begins a new one.
"""

from __future__ import annotations

import errno
import os
from pathlib import Path


class RotatingFile:
    """Appends to `path`; full ones become `path.1`, `path.2` and so on, at most `files_max` in all."""

    __slots__ = ("_bytes_max", "_file", "_files_max", "_size", "path")

    def __init__(self, path: Path, *, bytes_max: int, files_max: int) -> None:
        self.path = path
        self._bytes_max = bytes_max
        self._files_max = files_max
        self._file = -1
        self._size = 0

    def write(self, data: bytes) -> None:
        """Append whole lines; the file and its folder are made when they are first needed.

        Raises:
            OSError: it could not be written.
        """
        if self._file >= 0 and not self._is_in_place():
            self.close()
        if self._file < 0:
            self._open()
        if self._size and self._size + len(data) > self._bytes_max:
            self.move_aside()
            self._open()
        written = os.write(self._file, data)
        if written != len(data):
            os.ftruncate(self._file, self._size)
            raise OSError(errno.ENOSPC, f"only {written:,} of {len(data):,} bytes could be written")
        self._size += written

    def move_aside(self) -> None:
        """Let what is there be an older file; the next line begins a new one.

        Raises:
            OSError: a file can't be moved.
        """
        self.close()
        for number in range(self._files_max - 1, 0, -1):
            younger = self._aside(number - 1)
            if younger.exists():
                younger.replace(self._aside(number))

    def close(self) -> None:
        """Let go of the file."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def _open(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
        self._file = os.open(self.path, flags, 0o600)
        self._size = os.fstat(self._file).st_size

    def _is_in_place(self) -> bool:
        """Tell whether what is open still has the name."""
        try:
            there = self.path.stat()
        except FileNotFoundError:
            return False
        return os.path.samestat(there, os.fstat(self._file))

    def _aside(self, number: int) -> Path:
        return self.path.with_name(f"{self.path.name}.{number}") if number else self.path
