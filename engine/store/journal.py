"""The journal: records in segments that are allocated before they are needed, synced by group."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, Literal, Self

import msgspec
from msgspec import Struct

from engine.clock import NS_PER_MS, NS_PER_S, SystemClock
from engine.errors import FileDataError, JournalError
from engine.store.cipher import Cipher
from engine.store.disk import Disk, File, FolderDisk
from engine.store.header import Header
from engine.store.reading import Entry, JournalReader
from engine.store.repair import Tail, repair
from engine.store.sealed_record import seal_record
from engine.store.segment import (
    FRAME_SIZE,
    HEADER,
    RECORD_BYTES_MAX,
    SEGMENT_BYTES,
    name_of,
    pack_header,
    seal,
)
from engine.store.spare import Spare
from engine.store.syncer import Syncer, SyncThread

Durability = Literal["strict", "process"]
"""What a record must survive before what it announces is done: a loss of power, or the end of the process."""
PROCESS_PAUSE_S: Final = 0.05
"""How long records may wait for a sync that nothing waits for."""
SLOW_AFTER_S: Final = 0.25
_STEADY: Final = SystemClock().monotonic_ns
RETRY_S: Final = 1.0
"""How soon room for a segment is looked for again."""


class SegmentJournal:
    """Appends records; one thread writes. Without `threaded` somebody else calls `sync_now`."""

    def __init__(
        self,
        disk: Disk,
        *,
        durability: Durability = "strict",
        segment_bytes: int = SEGMENT_BYTES,
        slow_after_s: float = SLOW_AFTER_S,
        threaded: bool = True,
        monotonic_ns: Callable[[], int] = _STEADY,
    ) -> None:
        self.disk = disk
        self.durability = durability
        self.sequence = 0
        """The last record's; the first is 1, and it never begins anew."""
        self.segments = 0
        """How many segments hold records."""
        self.torn_bytes = 0
        """How many bytes of unfinished records were cut off the end when it was opened."""
        self.migrated = ""
        """What this start did about an older schema, in words; empty where it was this program's."""
        self._strict = durability == "strict"
        self._segment_bytes = segment_bytes
        self._record_bytes_max = min(RECORD_BYTES_MAX, segment_bytes - HEADER.size)
        self._slow_after_ns = int(slow_after_s * NS_PER_S)
        self._syncer = Syncer(monotonic_ns)
        self._spare = Spare(disk, segment_bytes, monotonic_ns)
        self._sync_thread = (
            SyncThread(self._work, 0 if self._strict else PROCESS_PAUSE_S) if threaded else None
        )
        self._wake = self._sync_thread.wake if self._sync_thread is not None else _nobody
        self._sink: Callable[[int], None] | None = None
        self._file: File | None = None
        self._end = 0
        self._sealed_bytes = 0
        self._trouble = f"{disk.where}: the journal is not open"
        self._cipher = disk.cipher
        self._encode_into = msgspec.msgpack.Encoder().encode_into
        self._buffer = bytearray()

    def open(self) -> Self:
        """Take the folder, cut an unfinished end, and go on behind the last record.

        Raises:
            JournalError: it is in use, not safe to use or damaged.
        """
        try:
            self.disk.hold()
            self._begin(repair(self.disk))
        except (OSError, JournalError, FileDataError) as error:
            self._let_go()
            if isinstance(error, JournalError):
                raise
            reason = str(error) if isinstance(error, FileDataError) else _reason(error)
            raise JournalError(f"{self.disk.where}: {reason}") from error
        self._trouble = ""
        if self._sync_thread is not None:
            self._sync_thread.start()
        return self

    def _begin(self, tail: Tail) -> None:
        self.sequence, self.torn_bytes, self.segments = tail.sequence, tail.torn_bytes, tail.segments
        self._end, self._sealed_bytes = tail.end, tail.sealed_bytes
        self._syncer.begin(tail.sequence)
        if tail.number:
            self._file = self.disk.open(name_of(tail.number))
            self._syncer.add(self._file)
        self._spare.begin(tail.number + 1)

    def append(self, record: Struct, time_ns: int) -> int:
        """Write one record and return its sequence; when this returns, a killed process does not lose it.

        Raises:
            JournalError: it could not be written whole; nothing of it is left.
        """
        if self._trouble or self._syncer.failure is not None:
            raise JournalError(self._trouble or self._distrust())
        sequence, buffer = self.sequence + 1, self._buffer
        self._encode_into((type(record).__name__, time_ns, record), buffer, FRAME_SIZE)
        if self._cipher is not None:
            buffer[FRAME_SIZE:] = seal_record(self._cipher, bytes(buffer[FRAME_SIZE:]), sequence, time_ns)
        size = len(buffer)
        if size > self._record_bytes_max:
            raise JournalError(
                f"{self.disk.where}: a record of {size:,} bytes, at most {self._record_bytes_max:,} fit"
            )
        file = self._file
        if file is None or self._end + size > file.size:
            file = self._turn(sequence, time_ns)
        seal(buffer, sequence, self._syncer.synced)
        self._write(file, self._end, buffer)
        self._end += size
        self.sequence = sequence
        self._syncer.wrote(sequence)
        self._wake()
        return sequence

    def _turn(self, first: int, time_ns: int) -> File:
        """Begin the next segment."""
        file = self._spare.ready()
        header = Header(self._spare.number, first, self._syncer.synced, time_ns)
        self._write(file, 0, pack_header(header))
        self._spare.used()
        self._sealed_bytes += self._file.size if self._file is not None else 0
        self._file, self._end = file, HEADER.size
        self.segments += 1
        self._syncer.add(file)
        return file

    def _write(self, file: File, offset: int, data: bytes | bytearray) -> None:
        try:
            written = file.write_at(offset, data)
        except OSError as error:
            self._take_back(file, offset, len(data))
            raise JournalError(f"{self.disk.where}: {_reason(error)}") from error
        if written != len(data):
            self._take_back(file, offset, len(data))
            raise JournalError(f"{self.disk.where}: only {written} of {len(data)} bytes could be written")

    def _take_back(self, file: File, offset: int, size: int) -> None:
        """Leave zeros where a record was not written whole; without them nothing may come behind it."""
        try:
            whole = file.write_at(offset, bytes(size)) == size
        except OSError:
            whole = False
        if not whole:
            self._trouble = (
                f"{self.disk.where}: a record was written in part and could not be taken back: "
                "nothing more is written until Touchline is started again"
            )

    def sync_now(self) -> None:
        """Sync what was written, say so, and have the next segment ready; the thread does this by itself."""
        if self._syncer.sync_once() and self._strict and self._sink is not None:
            self._sink(self._syncer.synced)
        self._spare.prepare()

    def _work(self) -> float | None:
        self.sync_now()
        return RETRY_S if self._spare.refusal else None

    def on_durable(self, sink: Callable[[int], None]) -> None:
        """Have `sink` called with `durable` when it has grown by a sync, on the thread that syncs.

        Under `process` it is never called: a record is as durable as it gets when `append` returns.
        """
        self._sink = sink

    def entries_since(self, sequence: int) -> Iterator[Entry]:
        """Iterate over the entries behind a sequence.

        Raises:
            FileDataError: while iterating, where it is damaged.
        """
        return iter(JournalReader(self.disk, after=sequence))

    def close(self) -> None:
        """Sync what is left and let go; appending afterwards is an error. A failed sync is in `last_error`."""
        if self._sync_thread is not None:
            self._sync_thread.stop()
        self._syncer.sync_once()
        self._trouble = self._trouble or f"{self.disk.where}: the journal is not open"
        self._let_go()

    def _let_go(self) -> None:
        self._spare.close()
        self._syncer.close()
        self._file = None
        self.disk.release()

    @property
    def durable(self) -> int:
        """The sequence up to which records are as safe as the durability setting demands."""
        return self._syncer.synced if self._strict else self.sequence

    @property
    def synced(self) -> int:
        """The sequence up to which records survive a loss of power."""
        return self._syncer.synced

    @property
    def unsynced(self) -> int:
        """How many records a loss of power would take."""
        return self.sequence - self._syncer.synced

    @property
    def refusal(self) -> str:
        """Why no new order may be written now, in words; empty while all is well."""
        if self._trouble:
            return self._trouble
        if self._syncer.failure is not None:
            return self._distrust()
        if self._spare.refusal:
            return self._spare.refusal
        if self._strict and self._syncer.waiting_ns > self._slow_after_ns:
            waiting_ms = self._syncer.waiting_ns / NS_PER_MS
            return f"{self.disk.where}: the disk is slow: a record has waited {waiting_ms:,.0f} ms to be safe"
        return ""

    @property
    def last_error(self) -> str:
        """What went wrong with the disk and still does, in words."""
        return self._distrust() if self._syncer.failure is not None else self._spare.refusal

    def _distrust(self) -> str:
        assert self._syncer.failure is not None
        return (
            f"{self.disk.where}: the disk failed to keep what was written ({_reason(self._syncer.failure)}): "
            "nothing more is written until Touchline is started again"
        )

    @property
    def size_bytes(self) -> int:
        """How much has been written."""
        return self._sealed_bytes + self._end

    @property
    def syncs(self) -> int:
        """How many syncs there were since it was opened."""
        return self._syncer.syncs

    @property
    def sync_total_ns(self) -> int:
        """How long all of them took."""
        return self._syncer.total_ns

    @property
    def sync_p50_us(self) -> float:
        """The median of the latest syncs, in microseconds."""
        return self._syncer.quantile_us(0.5)

    @property
    def sync_p99_us(self) -> float:
        """The 99th percentile of the latest syncs, in microseconds."""
        return self._syncer.quantile_us(0.99)


def open_journal(
    folder: Path,
    durability: Durability = "strict",
    *,
    segment_bytes: int = SEGMENT_BYTES,
    cipher: Cipher | None = None,
) -> SegmentJournal:
    """Open or begin the journal in a folder.

    Raises:
        JournalError: it is in use, not safe to use or damaged.
    """
    return SegmentJournal(
        FolderDisk(folder, cipher), durability=durability, segment_bytes=segment_bytes
    ).open()


def _reason(error: OSError) -> str:
    return error.strerror or str(error)


def _nobody() -> None:
    """Wake nobody: whoever drives the journal syncs it."""
