"""Checks what a start did not read: the segments before the snapshot, one at a time."""

from __future__ import annotations

from collections.abc import Iterator

from engine.store.disk import Disk
from engine.store.scan import Scan, cut_short


def inspect(disk: Disk, last: int) -> Iterator[int]:
    """Check every record up to one, and yield the number of each segment that is whole.

    Raises, while iterating:
        FileDataError: a record is damaged or missing; the message says what to do.
    """
    scan, segment = Scan(disk), 0
    for sequence, _ in scan:
        if segment and scan.segment != segment:
            yield segment
        segment = scan.segment
        if sequence >= last:
            yield segment
            return
    if scan.sequence < last:
        raise cut_short(disk, scan.sequence, last)
