"""Makes a journal ready to go on: finds its end, cuts what is torn, and has on the disk what a dead process left."""

from __future__ import annotations

from contextlib import closing
from typing import NamedTuple

from engine.store.disk import Disk
from engine.store.scan import Scan, segment_with, segments_of
from engine.store.segment import name_of


class Tail(NamedTuple):
    """Where a journal ends."""

    number: int = 0
    """The last segment that was begun; 0 when there is none."""
    end: int = 0
    """Where its last record ends."""
    sequence: int = 0
    """The last record."""
    segments: int = 0
    sealed_bytes: int = 0
    """The size of the segments before it."""
    torn_bytes: int = 0
    """How many bytes of unfinished records were cut."""


def repair(disk: Disk) -> Tail:
    """Cut what is torn, sync what is left, and return where the journal ends.

    Only what was not known to be synced is looked at; what lies before is checked by whoever reads it.

    Raises:
        FileDataError: it is damaged.
        OSError: it can't be read or written.
    """
    headers = segments_of(disk)
    if not headers:
        return Tail()
    synced = max((header.synced for header in headers.values() if header), default=0)
    first = segment_with(disk, headers, synced + 1)
    scan = Scan(disk, after=synced)
    for _ in scan:
        pass
    for number in sorted(headers, reverse=True):
        if number > scan.segment:
            disk.remove(name_of(number))
    for number in range(first, scan.segment + 1):
        _settle(disk, number, scan.end if scan.torn_bytes and number == scan.segment else None)
    disk.sync_folder()
    kept = [number for number in headers if number <= scan.segment]
    sealed_bytes = sum(_size(disk, number) for number in kept[:-1])
    return Tail(scan.segment, scan.end, scan.sequence, len(kept), sealed_bytes, scan.torn_bytes)


def _settle(disk: Disk, number: int, cut_at: int | None) -> None:
    """Fill a segment with zeros from a place on, and have it on the disk."""
    with closing(disk.open(name_of(number))) as file:
        if cut_at is not None:
            file.write_at(cut_at, bytes(file.size - cut_at))
        file.sync()


def _size(disk: Disk, number: int) -> int:
    with closing(disk.open(name_of(number))) as file:
        return file.size
