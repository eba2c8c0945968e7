"""What a journal holds that is not backed up yet, read while the desk may be writing it."""

from __future__ import annotations

import os
from hashlib import sha256
from pathlib import Path

import msgspec
from msgspec import Struct

from engine.errors import FileDataError, JournalError
from engine.store.backup.errors import BackupError
from engine.store.backup.manifest import Extent
from engine.store.backup.still import StillDisk
from engine.store.scan import Scan
from engine.store.sealed_record import is_sealed, sealed_time_ns
from engine.store.segment import name_of

_head = msgspec.msgpack.Decoder(tuple[str, int, msgspec.Raw])


class Span(Struct, frozen=True):
    """The whole records behind a sequence, and where their bytes are."""

    first: int
    last: int
    """The last record's sequence; one less than `first` when there is none."""
    first_ns: int
    last_ns: int
    last_record: bytes
    """SHA-256 of the last record."""
    extents: tuple[Extent, ...]

    @property
    def records(self) -> int:
        """How many there are."""
        return self.last - self.first + 1


def time_of(payload: memoryview) -> int:
    """Return when a record was written, in nanoseconds since the epoch."""
    return sealed_time_ns(payload) if is_sealed(payload) else _head.decode(payload)[1]


def whole_span(journal: Path) -> Span:
    """Return every record of the journal in a folder, on the disk as this returns.

    Raises:
        BackupError: there is none, or the journal is damaged.
    """
    span = _looked(journal, 0, b"")
    if span is None or not span.records:
        raise BackupError(f"{journal} holds no record yet: there is nothing to back up")
    return span


def span_after(journal: Path, sequence: int, record: bytes) -> Span | None:
    """Return the records behind one that is backed up; None if the journal does not go on from that record.

    Raises:
        BackupError: the journal is damaged.
    """
    return _looked(journal, sequence, record)


def _looked(journal: Path, after: int, record: bytes) -> Span | None:
    try:
        span = _look(StillDisk(journal), after, record)
        _sync(journal, span)
    except (FileDataError, JournalError, OSError) as error:
        raise BackupError(f"the journal can't be backed up as it is: {error}") from error
    return span


def _look(disk: StillDisk, after: int, record: bytes) -> Span | None:
    walk = _Walk(after)
    scan = Scan(disk, max(after - 1, 0))
    for sequence, payload in scan:
        if sequence > after:
            walk.take(scan, sequence, payload)
        elif sha256(payload).digest() == record:
            walk.begin_behind(scan, payload)
        else:
            return None
    return walk.span(record) if walk.found or not after else None


class _Walk:
    """Gathers where the records of a span are."""

    def __init__(self, after: int) -> None:
        self.found = False
        self._after = after
        self._last = after
        self._first_ns = 0
        self._last_ns = 0
        self._payload: bytes = b""
        self._runs: dict[int, tuple[int, int]] = {}
        self._begun = (0, 0)

    def begin_behind(self, scan: Scan, payload: memoryview) -> None:
        """Note where the record that is backed up ends."""
        self.found = True
        self._begun = (scan.segment, scan.end)
        self._first_ns = self._last_ns = time_of(payload)

    def take(self, scan: Scan, sequence: int, payload: memoryview) -> None:
        """Note a record; a segment's first one brings its header along."""
        begun, end = self._begun
        start, _ = self._runs.get(scan.segment, (end if scan.segment == begun else 0, 0))
        self._runs[scan.segment] = (start, scan.end)
        if sequence == self._after + 1:
            self._first_ns = time_of(payload)
        self._last, self._payload = sequence, bytes(payload)

    def span(self, record: bytes) -> Span:
        """Return what was gathered."""
        payload = self._payload
        return Span(
            first=self._after + 1,
            last=self._last,
            first_ns=self._first_ns,
            last_ns=time_of(memoryview(payload)) if payload else self._last_ns,
            last_record=sha256(payload).digest() if payload else record,
            extents=tuple(
                Extent(name_of(number), start, end - start) for number, (start, end) in self._runs.items()
            ),
        )


def _sync(journal: Path, span: Span | None) -> None:
    """Have on the disk what is about to be backed up, so that a loss of power can't take it from the journal."""
    for extent in span.extents if span is not None else ():
        descriptor = os.open(journal / extent.name, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
