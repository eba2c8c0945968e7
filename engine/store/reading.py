"""Reads a journal back: every whole record in order, and how much of the end is torn."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from struct import Struct as Layout
from zlib import crc32

import msgspec
from msgspec import Struct

from engine.errors import FileDataError
from engine.store.kinds import KINDS

MAGIC = b"TLJRNL"
SCHEMA_VERSION = 1
HEADER = MAGIC + SCHEMA_VERSION.to_bytes(2, "little")

FRAME = Layout("<II")
"""Length and CRC32 of the payload that follows."""
RECORD_BYTES_MAX = 1 << 20
"""No record is longer, so a larger length is damage and not an unfinished write."""


class JournalReader:
    """Iterates once over `(type name, record)`.

    A record that runs past the end of the file, or fails its checksum as the very last one, is the torn
    end of a killed write: it is left out and counted. The same damage with records behind it is an error.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.records = 0
        """How many records were read so far."""
        self.end = 0
        """Where the last whole record ends, in bytes; 0 while not even the header is whole."""
        self.torn_bytes = 0
        """How many bytes of the end are no whole record."""

    def __iter__(self) -> Iterator[tuple[str, Struct]]:
        data = self._read()
        if not self._check_header(data):
            return
        decode_head = msgspec.msgpack.Decoder(tuple[str, msgspec.Raw]).decode
        while payload := self._next_payload(data):
            kind, raw = decode_head(payload)
            yield kind, self._decode(kind, raw)
            self.end += FRAME.size + len(payload)
            self.records += 1

    def _read(self) -> bytes:
        try:
            return self._path.read_bytes()
        except OSError as error:
            raise FileDataError(str(self._path), error.strerror or str(error)) from error

    def _check_header(self, data: bytes) -> bool:
        if len(data) < len(HEADER) and HEADER.startswith(data):
            self.torn_bytes = len(data)
            return False
        if not data.startswith(MAGIC):
            raise FileDataError(str(self._path), "expected a Touchline journal")
        version = int.from_bytes(data[len(MAGIC) : len(HEADER)], "little")
        if version != SCHEMA_VERSION:
            raise FileDataError(
                str(self._path), f"expected journal version {SCHEMA_VERSION}, found {version}"
            )
        self.end = len(HEADER)
        return True

    def _next_payload(self, data: bytes) -> bytes:
        start = self.end
        rest = len(data) - start
        if rest >= FRAME.size:
            size, checksum = FRAME.unpack_from(data, start)
            payload = data[start + FRAME.size : start + FRAME.size + size]
            if size and len(payload) == size and crc32(payload) == checksum:
                return payload
            if (size > RECORD_BYTES_MAX or rest > FRAME.size + size) and any(data[start:]):
                raise FileDataError(
                    str(self._path), f"damaged at byte {start:,}, which is not its end", self.records + 1
                )
        self.torn_bytes = rest
        return b""

    def _decode(self, kind: str, raw: msgspec.Raw) -> Struct:
        known = KINDS.get(kind)
        if known is None:
            raise FileDataError(str(self._path), f"unknown kind of record {kind!r}", self.records + 1)
        try:
            return msgspec.msgpack.decode(raw, type=known)
        except msgspec.ValidationError as error:
            raise FileDataError(str(self._path), f"{kind}: {error}", self.records + 1) from error
