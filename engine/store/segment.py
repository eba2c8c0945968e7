"""How a journal lies on disk.

A segment `00000001.tlj` is a file of fixed size, zeros before it is written. It begins with a header; then come
records: a frame, and a payload of msgpack `(kind, time_ns, record)`. A frame of zeros is the end. Whole numbers
are little-endian; checksums are CRC32C of everything behind them.
"""

from __future__ import annotations

from collections.abc import Iterator
from struct import Struct as Layout
from typing import Final

from engine.errors import FileDataError
from engine.store.crc import crc32c
from engine.store.header import Header

MAGIC: Final = b"TOUCHJNL"
SCHEMA_VERSION: Final = 2
"""The schema that is written; a program that knows only older ones refuses it, and leaves nothing out of what it reads."""
SCHEMA_READ_MIN: Final = 1
"""What was written in older schemas, down to this one, is read as it lies."""
SUFFIX: Final = ".tlj"
SEGMENT_BYTES: Final = 4 * 1024 * 1024
RECORD_BYTES_MAX: Final = 1 << 20
"""No record is longer, its frame included."""

HEADER: Final = Layout("<8sIIIQQq20x")
"""Magic, checksum, schema version, segment number, first sequence, synced sequence, creation time in ns."""
_HEADER_CHECKED: Final = 12
_SCHEMA: Final = Layout("<II")
"""The header's checksum and its schema version, behind the magic."""
FRAME: Final = Layout("<IIQQ")
"""Checksum, length of the payload, sequence, and the sequence that was known to be synced as it was written."""
FRAME_CHECKED: Final = 4
_CHECKSUM: Final = Layout("<I")
_CHECKED: Final = Layout("<IQQ")
"""The frame in two parts: what is checked comes first, since the checksum is of it."""
_PUT_CHECKED: Final = _CHECKED.pack_into
_PUT_CHECKSUM: Final = _CHECKSUM.pack_into
FRAME_SIZE: Final = FRAME.size


def name_of(number: int) -> str:
    """Return the name of a segment's file."""
    return f"{number:08}{SUFFIX}"


def number_of(name: str) -> int:
    """Return the number in a segment's name; 0 if it is no segment."""
    digits = name.removesuffix(SUFFIX)
    return int(digits) if name.endswith(SUFFIX) and len(digits) >= 8 and digits.isdecimal() else 0


def pack_header(header: Header, schema: int = SCHEMA_VERSION) -> bytes:
    """Return the first bytes of a segment."""
    data = bytearray(HEADER.size)
    HEADER.pack_into(data, 0, MAGIC, 0, schema, *header)
    _CHECKSUM.pack_into(data, len(MAGIC), crc32c(memoryview(data)[_HEADER_CHECKED:]))
    return bytes(data)


def schema_of(data: bytes) -> int:
    """Return the schema that a segment was written in, 0 if its header is not whole."""
    if len(data) < HEADER.size or not data.startswith(MAGIC):
        return 0
    checksum, version = _SCHEMA.unpack_from(data, len(MAGIC))
    whole: bool = crc32c(memoryview(data)[_HEADER_CHECKED : HEADER.size]) == checksum
    return int(version) if whole else 0


def parse_header(data: bytes, path: str) -> Header | None:
    """Return what a segment says of itself, None if its header is not whole.

    Raises:
        FileDataError: it was written by a newer version.
    """
    schema = schema_of(data)
    if not schema:
        return None
    if not SCHEMA_READ_MIN <= schema <= SCHEMA_VERSION:
        raise FileDataError(
            path,
            f"written in journal version {schema}, this Touchline reads version {SCHEMA_VERSION}: use the version "
            f"of Touchline that wrote it, or have that one write it for this: touchline migrate --to {SCHEMA_VERSION}",
        )
    return Header(*HEADER.unpack_from(data)[3:])


def seal(frame: bytearray, sequence: int, synced: int) -> None:
    """Fill in the frame at the start of a buffer that holds the payload behind it."""
    _PUT_CHECKED(frame, FRAME_CHECKED, len(frame) - FRAME_SIZE, sequence, synced)
    _PUT_CHECKSUM(frame, 0, crc32c(memoryview(frame)[FRAME_CHECKED:]))


def whole_records(data: bytes, offset: int, sequence: int) -> Iterator[tuple[int, int, int]]:
    """Yield sequence, start and end of the payload of each record from an offset on, up to the first not whole.

    `sequence` is that of the record before.
    """
    view, unpack, frame_size = memoryview(data), FRAME.unpack_from, FRAME.size
    last = len(data) - frame_size
    while offset <= last:
        checksum, length, number, _ = unpack(data, offset)
        start = offset + frame_size
        end = start + length
        sequence += 1
        if number != sequence or end > len(data) or crc32c(view[offset + FRAME_CHECKED : end]) != checksum:
            return
        yield sequence, start, end
        offset = end
