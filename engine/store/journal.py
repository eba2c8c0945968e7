"""The journal: an append-only file of checksummed records; a killed process loses none of them.

Layout: a header of 8 bytes (magic, version as little-endian u16), then records of length (u32), CRC32 of the
payload (u32), payload: a msgpack pair of the record's type name and the record itself.
"""

from __future__ import annotations

import os
from pathlib import Path
from zlib import crc32

import msgspec
from msgspec import Struct

from engine.errors import FileDataError, JournalError
from engine.store.reading import FRAME, HEADER, RECORD_BYTES_MAX, JournalReader


class FileJournal:
    """Appends records to a file with unbuffered writes; open it before use."""

    __slots__ = ("_encode", "_end", "_file", "path", "torn_bytes")

    def __init__(self, path: Path) -> None:
        self.path = path
        self.torn_bytes = 0
        """How many bytes of an unfinished record were cut off the end when it was opened."""
        self._file = -1
        self._end = 0
        self._encode = msgspec.msgpack.Encoder().encode

    def open(self) -> FileJournal:
        """Open or create the file, cut an unfinished record off its end, and return the journal.

        Raises:
            JournalError: it can't be opened, or is damaged before its end.
        """
        try:
            self._end = self._check_existing()
            self._file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
            os.ftruncate(self._file, self._end)
            if not self._end:
                self._end = os.write(self._file, HEADER)
        except FileDataError as error:
            raise JournalError(str(error)) from error
        except OSError as error:
            raise JournalError(f"{self.path}: {error.strerror or error}") from error
        return self

    def _check_existing(self) -> int:
        if not self.path.exists():
            return 0
        reader = JournalReader(self.path)
        for _ in reader:
            pass
        self.torn_bytes = reader.torn_bytes
        return reader.end

    @property
    def size_bytes(self) -> int:
        """How much has been written."""
        return self._end

    def append(self, record: Struct) -> None:
        """Write one record; when this returns, a killed process does not lose it.

        Raises:
            JournalError: it could not be written whole; nothing of it is left in the file.
        """
        payload = self._encode((type(record).__name__, record))
        size = len(payload)
        if size > RECORD_BYTES_MAX:
            raise JournalError(f"{self.path}: a record of {size:,} bytes, at most {RECORD_BYTES_MAX:,} fit")
        frame = FRAME.pack(size, crc32(payload)) + payload
        try:
            written = os.write(self._file, frame)
        except OSError as error:
            raise JournalError(f"{self.path}: {error.strerror or error}") from error
        if written != len(frame):
            self._take_back()
            raise JournalError(f"{self.path}: only {written} of {len(frame)} bytes could be written")
        self._end += written

    def _take_back(self) -> None:
        try:
            os.ftruncate(self._file, self._end)
        except OSError as error:
            raise JournalError(f"{self.path}: {error.strerror or error}") from error

    def close(self) -> None:
        """Let go of the file; appending afterwards is an error."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1


def read_journal(path: Path) -> JournalReader:
    """Iterate over `(type name, record)` of a journal; afterwards `torn_bytes` says what was cut.

    Raises:
        FileDataError: while iterating, where the file is damaged before its end.
    """
    return JournalReader(path)
