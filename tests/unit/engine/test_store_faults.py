"""A disk that runs full, fails, slows down or goes read-only: what is denied, what is said, and what comes back."""

from __future__ import annotations

import errno

import pytest
from msgspec import Struct

from engine.clock import NS_PER_S
from engine.errors import JournalError
from engine.messages.commands import CancelOrder
from engine.store.disk import Disk
from engine.store.journal import SegmentJournal
from engine.store.reading import JournalReader
from tests.unit.engine.memory_disk import MemoryDisk
from tests.unit.engine.store_bench import RECORDS

SEGMENT_BYTES = 1024
CANCEL = CancelOrder("t-1")


class Bench:
    """A journal on a disk in memory, synced when a test says so, with a time that a test moves."""

    def __init__(self, disk: MemoryDisk | None = None) -> None:
        self.disk = disk or MemoryDisk()
        self.now_ns = NS_PER_S
        self.journal = self.opened(self.disk)

    def opened(self, disk: Disk) -> SegmentJournal:
        journal = SegmentJournal(
            disk, segment_bytes=SEGMENT_BYTES, threaded=False, monotonic_ns=lambda: self.now_ns
        )
        return journal.open()

    def append(self, record: Struct = CANCEL) -> int:
        return self.journal.append(record, self.now_ns)

    def said(self) -> str:
        """Return why new orders are denied."""
        return self.journal.refusal

    def fill(self) -> int:
        """Append until nothing fits; return how much did."""
        count = 0
        while True:
            try:
                self.append()
            except JournalError:
                return count
            count += 1

    def found(self) -> list[Struct]:
        return [entry.record for entry in JournalReader(self.disk)]


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_a_full_disk_is_known_ahead_and_cancels_fit_in_what_is_left(bench: Bench) -> None:
    bench.disk.room = 2 * SEGMENT_BYTES
    assert not bench.journal.refusal
    bench.append()
    bench.journal.sync_now()
    refusal = "no room for another 0.000976562 MiB in memory: new orders are denied"
    while bench.journal.segments < 2:
        assert not bench.journal.refusal
        bench.append()
    bench.journal.sync_now()
    assert bench.journal.refusal == bench.journal.last_error == refusal
    count = bench.fill()
    assert count > 5
    with pytest.raises(JournalError, match="no room for another"):
        bench.append()
    assert bench.found() == [CANCEL] * bench.journal.sequence


def test_room_is_looked_for_again_each_second_and_then_all_is_well(bench: Bench) -> None:
    bench.disk.room = SEGMENT_BYTES
    bench.fill()
    assert bench.journal.refusal
    bench.disk.room = 1 << 20
    bench.journal.sync_now()
    assert bench.journal.refusal
    bench.now_ns += NS_PER_S
    bench.journal.sync_now()
    assert not bench.journal.refusal
    before = bench.journal.sequence
    assert bench.append() == before + 1
    assert len(bench.found()) == before + 1


def test_a_journal_opens_on_a_full_disk_to_read_and_to_cancel() -> None:
    disk = MemoryDisk(room=SEGMENT_BYTES)
    first = Bench(disk)
    first.append()
    first.journal.close()
    again = Bench(disk)
    assert "no room" in again.journal.refusal
    assert again.append() == 2


def test_on_a_disk_without_room_for_the_first_segment_nothing_can_be_written() -> None:
    bench = Bench(MemoryDisk(room=10))
    assert "no room" in bench.journal.refusal
    with pytest.raises(JournalError, match="no room"):
        bench.append()


def test_a_segment_that_can_not_be_made_for_another_reason_says_it(bench: Bench) -> None:
    bench.append()
    bench.disk.fails["create"] = OSError(errno.EROFS, "Read-only file system")
    bench.journal.sync_now()
    expected = "the next segment in memory can't be made: Read-only file system: new orders are denied"
    assert bench.journal.refusal == expected


def test_a_segment_is_made_at_once_where_the_sync_was_too_slow(bench: Bench) -> None:
    for _ in range(60):
        bench.append()
    assert bench.journal.segments > 2
    assert bench.journal.syncs == 0
    assert not bench.journal.refusal


@pytest.mark.parametrize("taken", [0, 1, 20, 40])
def test_what_was_written_in_part_is_taken_back(bench: Bench, taken: int) -> None:
    bench.append()
    bench.disk.write_at_most = taken
    with pytest.raises(JournalError, match=f"only {taken} of"):
        bench.append(RECORDS[0])
    bench.disk.write_at_most = None
    with pytest.raises(JournalError, match="could not be taken back"):
        bench.append()
    bench.journal.close()
    again = Bench(bench.disk)
    assert again.found() == [CANCEL]
    assert again.append() == 2


def test_an_error_that_passes_leaves_nothing_behind(bench: Bench) -> None:
    bench.append()
    bench.disk.fail_once("write", OSError(errno.EIO, "Input/output error"))
    with pytest.raises(JournalError, match="memory: Input/output error"):
        bench.append(RECORDS[0])
    assert not bench.journal.refusal
    assert bench.append() == 2
    assert bench.found() == [CANCEL, CANCEL]


def test_an_error_that_stays_denies_everything_until_it_is_opened_again(bench: Bench) -> None:
    bench.append()
    bench.disk.fails["write"] = OSError(errno.EIO, "Input/output error")
    with pytest.raises(JournalError, match="Input/output error"):
        bench.append()
    assert "until Touchline is started again" in bench.journal.refusal
    del bench.disk.fails["write"]
    with pytest.raises(JournalError, match="started again"):
        bench.append()


def test_an_error_at_the_header_of_a_segment_leaves_it_ready(bench: Bench) -> None:
    bench.disk.fail_once("write", OSError(errno.EIO, "Input/output error"))
    with pytest.raises(JournalError, match="Input/output error"):
        bench.append()
    assert (bench.append(), bench.journal.segments) == (1, 1)
    assert bench.found() == [CANCEL]


def test_after_a_failed_sync_nothing_is_trusted_until_it_is_opened_again(bench: Bench) -> None:
    bench.append()
    bench.journal.sync_now()
    bench.append()
    told: list[int] = []
    bench.journal.on_durable(told.append)
    bench.disk.fail_once("sync", OSError(errno.EIO, "Input/output error"))
    bench.journal.sync_now()
    bench.journal.sync_now()
    assert (bench.journal.durable, bench.journal.unsynced, told) == (1, 1, [])
    sentence = "the disk failed to keep what was written (Input/output error)"
    assert sentence in bench.journal.refusal
    assert sentence in bench.journal.last_error
    with pytest.raises(JournalError, match="failed to keep"):
        bench.append()
    bench.journal.close()
    again = Bench(bench.disk)
    assert not again.journal.refusal
    assert again.append() == len(again.found())


def test_a_sync_that_fails_as_it_is_opened_is_an_error_and_lets_go(bench: Bench) -> None:
    bench.append()
    bench.journal.close()
    bench.disk.fails["sync"] = OSError(errno.EIO, "Input/output error")
    with pytest.raises(JournalError, match="memory: Input/output error"):
        bench.opened(bench.disk)
    assert not bench.disk.held


def test_new_orders_are_denied_while_a_record_waits_too_long_for_the_disk(bench: Bench) -> None:
    bench.append()
    bench.now_ns += NS_PER_S // 5
    assert not bench.said()
    bench.now_ns += NS_PER_S // 10
    bench.append()
    assert bench.said() == "memory: the disk is slow: a record has waited 300 ms to be safe"
    bench.journal.sync_now()
    assert not bench.said()
    bench.now_ns += NS_PER_S
    bench.append()
    assert not bench.said()


def test_what_is_written_during_a_sync_waits_since_that_began(bench: Bench) -> None:
    def slow() -> None:
        bench.now_ns += NS_PER_S // 5
        bench.append()

    bench.append()
    bench.disk.before_sync = slow
    bench.journal.sync_now()
    assert (bench.journal.durable, bench.journal.unsynced) == (1, 1)
    assert not bench.said()
    bench.now_ns += NS_PER_S // 10
    assert "waited 300 ms" in bench.said()


def test_a_segment_that_was_filled_during_a_sync_is_synced_by_the_next(bench: Bench) -> None:
    def busy() -> None:
        bench.disk.before_sync = None
        for _ in range(60):
            bench.append()

    bench.append()
    bench.disk.before_sync = busy
    bench.journal.sync_now()
    assert bench.journal.durable == 1
    bench.journal.sync_now()
    assert bench.journal.durable == 61
    bench.disk.lose_power(lambda: False)
    assert len(bench.found()) == 61


@pytest.mark.parametrize("failing", range(1, 40))
def test_whichever_operation_fails_what_was_acknowledged_is_there_and_nothing_else(failing: int) -> None:
    disk = MemoryDisk()
    disk.fail_at(failing, OSError(errno.EIO, "Input/output error"))
    acknowledged: list[Struct] = []
    for _ in range(3):
        try:
            journal = SegmentJournal(disk, segment_bytes=SEGMENT_BYTES, threaded=False).open()
        except JournalError:
            disk.held = False
            continue
        for record in RECORDS:
            try:
                journal.append(record, 1)
            except JournalError:
                continue
            acknowledged.append(record)
            journal.sync_now()
        journal.close()
    assert [entry.record for entry in JournalReader(disk)] == acknowledged
    assert acknowledged
