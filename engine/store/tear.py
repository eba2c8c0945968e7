"""Tells the torn end of a killed or powerless machine from damage.

A disk writes its pages in any order, so a loss of power may leave a page of zeros with later pages behind it. What
had been synced can't be lost like that: every frame carries the sequence that was known to be synced as it was
written. So a place that is not whole is torn if nothing whole follows, or if a sector of it is all zeros and nothing
behind it says that it had been synced. Everything else is damage.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from engine.store.crc import crc32c
from engine.store.segment import FRAME, FRAME_CHECKED, HEADER, RECORD_BYTES_MAX, parse_header

SECTOR_BYTES = 512
"""What a disk writes whole or not at all."""
_AHEAD_MAX = 1 << 32
_ZEROS = bytes(1 << 16)


class Place(NamedTuple):
    """Where a whole record was expected."""

    segment: int
    offset: int
    sequence: int


class Found(NamedTuple):
    """A whole record or header behind such a place."""

    segment: int
    """How many segments behind the place's own."""
    offset: int
    synced: int


def torn_bytes(place: Place, contents: Sequence[bytes]) -> int | None:
    """Return how many bytes from a place to the last that is not zero were never synced; None if it is damage.

    `contents` are those of the segments from the place's own on.
    """
    behind = _behind(place, contents)
    nearest = next(behind, None)
    if nearest is not None:
        synced = any(found.synced >= place.sequence for found in (nearest, *behind))
        if synced or not _has_hole(place, contents[0], nearest):
            return None
    written = [_written(data) for data in contents]
    return sum(written) - min(place.offset, written[0])


def _behind(place: Place, contents: Sequence[bytes]) -> Iterator[Found]:
    """Yield what is whole behind a place, in order."""
    offset = place.offset
    for index, data in enumerate(contents):
        if index:
            header = parse_header(data, "")
            if header is not None:
                yield Found(index, 0, header.synced)
            offset = HEADER.size
        for start, synced in _frames(data, offset, place.sequence):
            yield Found(index, start, synced)


def _frames(data: bytes, offset: int, sequence: int) -> Iterator[tuple[int, int]]:
    """Yield start and synced sequence of every whole record of `sequence` or later, wherever it begins."""
    view, last = memoryview(data), min(len(data) - FRAME.size, _written(data))
    while offset <= last:
        checksum, length, number, synced = FRAME.unpack_from(data, offset)
        end = offset + FRAME.size + length
        if (
            0 <= number - sequence < _AHEAD_MAX
            and 0 < length <= RECORD_BYTES_MAX
            and end <= len(data)
            and crc32c(view[offset + FRAME_CHECKED : end]) == checksum
        ):
            yield offset, synced
            offset = end
        else:
            offset += 1


def _written(data: bytes) -> int:
    """Return where the zeros at the end begin, block by block: a start looks at megabytes of them."""
    end = len(data)
    while data.endswith(_ZEROS, 0, end):
        end -= len(_ZEROS)
    return len(data[:end].rstrip(b"\0"))


def _has_hole(place: Place, data: bytes, nearest: Found) -> bool:
    """Tell whether some sector of what should be between a place and what is whole behind it was never written."""
    limit = _end(place, data) if nearest.segment else nearest.offset
    start = place.offset
    while start < limit:
        end = min(start - start % SECTOR_BYTES + SECTOR_BYTES, limit)
        if not any(data[start:end]):
            return True
        start = end
    return False


def _end(place: Place, data: bytes) -> int:
    """Return where the record at a place ends by its own word."""
    end = place.offset + FRAME.size
    if end <= len(data):
        length = FRAME.unpack_from(data, place.offset)[1]
        end += length if length <= RECORD_BYTES_MAX else 0
    return min(end, len(data))
