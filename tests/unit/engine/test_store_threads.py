"""One thread writes, one syncs, one reads along: each sees what is whole, in order."""

from __future__ import annotations

import errno
import threading
from pathlib import Path

import pytest

from engine.errors import FileDataError, JournalError
from engine.messages.commands import CancelOrder
from engine.store.disk import FolderDisk, FolderFile
from engine.store.journal import Durability, SegmentJournal, open_journal
from engine.store.reading import JournalFollower, JournalReader
from engine.store.syncer import SyncThread
from tests.unit.engine.memory_disk import MemoryDisk
from tests.unit.engine.store_bench import RECORDS, records, write

COUNT = 5_000


@pytest.mark.parametrize("durability", ["strict", "process"])
def test_who_reads_along_sees_every_record_once_and_in_order(tmp_path: Path, durability: Durability) -> None:
    journal = open_journal(tmp_path / "j", durability, segment_bytes=8192)
    follower = JournalFollower(journal.disk)
    seen: list[int] = []

    def read_along() -> None:
        while len(seen) < COUNT:
            seen.extend(int(entry.record.client_id) for entry in follower.more())

    thread = threading.Thread(target=read_along)
    thread.start()
    for number in range(COUNT):
        journal.append(CancelOrder(str(number)), number)
    thread.join()
    assert seen == list(range(COUNT))
    journal.close()
    assert journal.synced == COUNT


def test_what_was_told_to_be_durable_only_grows_and_ends_with_the_last(tmp_path: Path) -> None:
    journal = open_journal(tmp_path / "j", segment_bytes=8192)
    told: list[int] = []
    ended = threading.Event()

    def tell(durable: int) -> None:
        told.append(durable)
        if durable == COUNT:
            ended.set()

    journal.on_durable(tell)
    for number in range(COUNT):
        journal.append(CancelOrder(str(number)), number)
        assert journal.durable <= journal.sequence
    assert ended.wait(30)
    assert told == sorted(set(told))
    assert journal.syncs >= len(told)
    journal.close()


class Full(FolderDisk):
    """Full until it is told otherwise; says when it made a file."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.full = True
        self.made = threading.Event()

    def create(self, name: str, size: int) -> FolderFile:
        if self.full:
            raise OSError(errno.ENOSPC, "No space left on device")
        file = super().create(name, size)
        self.made.set()
        return file


def test_a_disk_that_was_full_is_looked_at_again_by_the_thread_itself(tmp_path: Path) -> None:
    disk = Full(tmp_path / "j")
    journal = SegmentJournal(disk).open()
    assert "no room" in journal.refusal
    with pytest.raises(JournalError, match="no room"):
        journal.append(RECORDS[0], 1)
    disk.full = False
    assert disk.made.wait(30)
    journal.close()
    write(tmp_path / "j", RECORDS[:1])
    assert records(tmp_path / "j") == [RECORDS[0]]


def test_who_reads_along_is_told_of_what_can_not_be_read() -> None:
    disk = MemoryDisk()
    follower = JournalFollower(disk)
    assert list(follower.more()) == []
    disk.fails["names"] = OSError(5, "Input/output error")
    with pytest.raises(FileDataError, match="memory: Input/output error"):
        list(follower.more())


def test_a_reader_of_an_empty_folder_reads_nothing() -> None:
    reader = JournalReader(MemoryDisk())
    assert list(reader) == []
    assert (reader.sequence, reader.torn_bytes) == (0, 0)


def test_without_preallocation_by_the_system_the_room_is_taken_by_zeros(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr("os.posix_fallocate")
    write(tmp_path / "j", segment_bytes=3 * 1024 * 1024 + 5)
    assert {path.stat().st_size for path in (tmp_path / "j").glob("*.tlj")} == {3 * 1024 * 1024 + 5}
    assert records(tmp_path / "j") == list(RECORDS)


def test_whoever_wakes_the_thread_has_its_work_done_however_close_the_calls_are() -> None:
    asked: list[int] = []
    done: list[int] = [0]
    worked = threading.Event()

    def work() -> None:
        done[0] = len(asked)
        worked.set()

    syncing = SyncThread(work, 0)
    syncing.start()
    for number in range(2_000):
        asked.append(number)
        syncing.wake()
        while number % 3 == 0 and done[0] != len(asked):
            assert worked.wait(30), "a call was lost"
            worked.clear()
    syncing.stop()
