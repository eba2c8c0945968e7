"""Writes the data of pieces back into the files they were taken from."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from engine.store.backup.errors import DamagedBackup
from engine.store.backup.manifest import Extent, Manifest

_NAME = re.compile(r"\d+\.(?:tlj|snapshot)|config/(?:\w[\w. -]*/)*\w[\w. -]*\.toml")


def spread(data: Iterator[bytes], manifest: Manifest, into: Path) -> Iterator[int]:
    """Write a piece's data below a folder and yield how many bytes were written, run by run.

    Raises:
        DamagedBackup: the data are not what the extents say.
    """
    stream = _Stream(data, manifest.data_name)
    for extent in manifest.extents:
        with _place(into, extent, manifest.data_name) as file:
            for part in stream.take(extent.length):
                file.write(part)
                yield len(part)
    stream.expect_end()


def _place(into: Path, extent: Extent, piece: str) -> BinaryIO:
    if not _NAME.fullmatch(extent.name):
        raise DamagedBackup(f"{piece} holds a file of a name that no backup has: {extent.name!r}")
    path = into / extent.name
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    size = path.stat().st_size if path.exists() else 0
    if extent.offset not in {0, size}:
        raise DamagedBackup(
            f"{piece}: {extent.name} goes on at byte {extent.offset:,}, but ends at byte {size:,}"
        )
    start = os.O_APPEND if extent.offset else os.O_TRUNC
    flags = os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
    return os.fdopen(os.open(path, flags | start, 0o600), "wb")


class _Stream:
    """Deals out bytes that come in pieces of any length."""

    def __init__(self, data: Iterator[bytes], piece: str) -> None:
        self._data = data
        self._piece = piece
        self._rest = memoryview(b"")

    def take(self, length: int) -> Iterator[memoryview]:
        """Yield the next bytes, so many in all."""
        while length:
            if not self._rest:
                self._rest = memoryview(self._next())
            part = self._rest[:length]
            self._rest = self._rest[len(part) :]
            length -= len(part)
            yield part

    def expect_end(self) -> None:
        """Read to the end, where the last checks are made; nothing may be left."""
        if self._rest or any(self._data):
            raise DamagedBackup(f"{self._piece} holds more than its manifest says")

    def _next(self) -> bytes:
        for piece in self._data:
            if piece:
                return piece
        raise DamagedBackup(f"{self._piece} holds less than its manifest says")
