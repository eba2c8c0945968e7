"""Writing and reading a journal on a real folder: rotation, reopening, both durabilities."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Condition

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Struct

from engine.errors import FileDataError, JournalError
from engine.messages.commands import CancelOrder
from engine.store.disk import FolderDisk
from engine.store.journal import SegmentJournal, open_journal
from engine.store.reading import Entry, JournalFollower
from engine.store.segment import HEADER
from tests.unit.engine.store_bench import RECORDS, entries, records, write


def test_what_was_written_is_read_back_equal_and_in_order(tmp_path: Path) -> None:
    write(tmp_path / "j")
    assert entries(tmp_path / "j") == [Entry(n, n, record) for n, record in enumerate(RECORDS, start=1)]


def test_a_journal_that_is_opened_again_goes_on_with_the_next_sequence(tmp_path: Path) -> None:
    write(tmp_path / "j")
    write(tmp_path / "j", RECORDS[:2])
    found = entries(tmp_path / "j")
    assert [entry.record for entry in found] == [*RECORDS, *RECORDS[:2]]
    assert [entry.sequence for entry in found] == list(range(1, len(RECORDS) + 3))


@given(
    picks=st.lists(st.integers(0, len(RECORDS) - 1), max_size=60),
    segment_bytes=st.integers(500, 3000),
    reopened_after=st.integers(1, 20),
)
@settings(deadline=None, max_examples=40)
def test_at_any_size_of_segment_every_record_is_read_back_from_any_place(
    picks: list[int], segment_bytes: int, reopened_after: int
) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name) / "j"
        for start in range(0, len(picks), reopened_after):
            write(folder, [RECORDS[pick] for pick in picks[start : start + reopened_after]], segment_bytes)
        expected = [Entry(n, n, RECORDS[pick]) for n, pick in enumerate(picks, start=1)]
        for after in range(0, len(picks) + 1, 7):
            assert not picks or entries(folder, after) == expected[after:]


def test_a_full_segment_is_followed_by_one_that_lay_ready(tmp_path: Path) -> None:
    journal = open_journal(tmp_path / "j", segment_bytes=1000)
    for record in RECORDS * 5:
        journal.append(record, 1)
    assert journal.segments > 3
    names = sorted(path.name for path in (tmp_path / "j").glob("*.tlj"))
    assert names[:2] == ["00000001.tlj", "00000002.tlj"]
    assert {path.stat().st_size for path in (tmp_path / "j").glob("*.tlj")} == {1000}
    journal.close()
    assert records(tmp_path / "j") == list(RECORDS * 5)


def test_the_size_counts_what_is_written_and_not_what_is_kept_ready(tmp_path: Path) -> None:
    journal = open_journal(tmp_path / "j", segment_bytes=2000)
    assert (journal.size_bytes, journal.segments) == (0, 0)
    journal.append(RECORDS[1], 1)
    first = journal.size_bytes
    assert HEADER.size < first < 200
    for _ in range(30):
        journal.append(RECORDS[1], 1)
    assert journal.size_bytes > 2000
    size = journal.size_bytes
    segments = journal.segments
    journal.close()
    again = open_journal(tmp_path / "j", segment_bytes=2000)
    assert (again.size_bytes, again.segments) == (size, segments)
    again.close()


def test_a_strict_record_becomes_durable_by_a_sync_and_that_is_told(tmp_path: Path) -> None:
    journal = SegmentJournal(FolderDisk(tmp_path / "j"), threaded=False).open()
    told: list[int] = []
    journal.on_durable(told.append)
    for record in RECORDS[:3]:
        journal.append(record, 1)
    assert (journal.durable, journal.unsynced) == (0, 3)
    journal.sync_now()
    assert (journal.durable, journal.unsynced, told) == (3, 0, [3])
    journal.sync_now()
    assert told == [3]
    assert journal.syncs == 1
    assert journal.sync_p99_us >= journal.sync_p50_us > 0
    journal.close()


def test_the_thread_syncs_what_was_written_without_being_asked(tmp_path: Path) -> None:
    journal = open_journal(tmp_path / "j")
    wait = waiting_for(journal)
    sequence = journal.append(RECORDS[0], 1)
    wait(sequence)
    assert journal.durable == sequence
    journal.close()


def waiting_for(journal: SegmentJournal) -> Callable[[int], None]:
    """Return what waits until a sequence was told to be durable."""
    condition, reached = Condition(), [0]

    def tell(sequence: int) -> None:
        with condition:
            reached[0] = sequence
            condition.notify_all()

    def wait(sequence: int) -> None:
        with condition:
            assert condition.wait_for(lambda: reached[0] >= sequence, timeout=30)

    journal.on_durable(tell)
    return wait


def test_under_process_a_record_is_durable_as_soon_as_it_is_written(tmp_path: Path) -> None:
    journal = SegmentJournal(FolderDisk(tmp_path / "j"), durability="process", threaded=False).open()
    told: list[int] = []
    journal.on_durable(told.append)
    assert journal.append(RECORDS[0], 1) == journal.durable == 1
    assert (journal.synced, journal.unsynced) == (0, 1)
    journal.sync_now()
    assert (journal.synced, told) == (1, [])
    journal.close()


def test_closing_syncs_what_is_left(tmp_path: Path) -> None:
    journal = SegmentJournal(FolderDisk(tmp_path / "j"), threaded=False).open()
    journal.append(RECORDS[0], 1)
    journal.close()
    assert journal.synced == 1


def test_a_follower_reads_what_was_written_since_it_last_looked(tmp_path: Path) -> None:
    disk = FolderDisk(tmp_path / "j")
    journal = SegmentJournal(disk, segment_bytes=1500, threaded=False).open()
    follower = JournalFollower(disk)
    assert list(follower.more()) == []
    seen: list[Entry] = []
    sequences = count(1)
    for size in (1, 0, 3, 12, 1):
        for _ in range(size):
            journal.append(RECORDS[0], next(sequences))
        new = list(follower.more())
        assert len(new) == size
        seen += new
    assert seen == [Entry(n, n, RECORDS[0]) for n in range(1, 18)]
    assert follower.sequence == journal.sequence
    late = JournalFollower(disk, after=10)
    assert [entry.sequence for entry in late.more()] == list(range(11, 18))
    journal.close()


def test_a_follower_reads_a_record_that_is_longer_than_its_first_look(tmp_path: Path) -> None:
    disk = FolderDisk(tmp_path / "j")
    journal = SegmentJournal(disk, threaded=False).open()
    long = CancelOrder("x" * 200_000)
    for record in (RECORDS[0], long, RECORDS[1]):
        journal.append(record, 1)
    assert [entry.record for entry in JournalFollower(disk).more()] == [RECORDS[0], long, RECORDS[1]]
    journal.close()


class Unlisted(Struct):
    """A record that no reader knows."""

    value: int


class HasANameThatIsLongerThanMostAre(Struct):
    """Longer than the short form of a text."""

    value: int


@pytest.mark.parametrize("kind", [Unlisted, HasANameThatIsLongerThanMostAre])
def test_a_record_of_an_unknown_kind_is_an_error_that_says_what_to_do(
    tmp_path: Path, kind: type[Struct]
) -> None:
    write(tmp_path / "j", (RECORDS[0], kind(1)))
    with pytest.raises(FileDataError, match=r"00000001\.tlj, row 2: .*kind"):
        records(tmp_path / "j")
    with pytest.raises(FileDataError, match=r"row 2: .*kind"):
        list(JournalFollower(FolderDisk(tmp_path / "j")).more())


def test_a_record_with_other_fields_than_its_kind_is_an_error(tmp_path: Path) -> None:
    write(tmp_path / "j", (RECORDS[0], msgspec.defstruct("CancelOrder", [("client_id", int)])(7)))
    with pytest.raises(FileDataError, match="row 2: CancelOrder: Expected `str`, got `int`"):
        records(tmp_path / "j")


def test_a_record_longer_than_a_segment_is_refused(tmp_path: Path) -> None:
    journal = open_journal(tmp_path / "j", segment_bytes=1000)
    with pytest.raises(JournalError, match="at most 936 fit"):
        journal.append(CancelOrder("x" * 2000), 1)
    assert journal.append(CancelOrder("t-1"), 1) == 1
    journal.close()
    assert records(tmp_path / "j") == [CancelOrder("t-1")]


def test_a_journal_that_is_not_open_says_so(tmp_path: Path) -> None:
    journal = SegmentJournal(FolderDisk(tmp_path / "j"))
    with pytest.raises(JournalError, match="is not open"):
        journal.append(RECORDS[0], 1)
    assert "is not open" in journal.refusal
    journal.open()
    assert not journal.refusal
    journal.close()
    journal.close()
    with pytest.raises(JournalError, match="is not open"):
        journal.append(RECORDS[0], 1)


WRITER = """
import sys
from pathlib import Path
from engine.messages.commands import CancelOrder
from engine.store.journal import open_journal
journal = open_journal(Path(sys.argv[1]), sys.argv[2], segment_bytes=4096)
for number in range(10**9):
    journal.append(CancelOrder(str(number)), number)
    print(number, flush=True)
"""


@pytest.mark.parametrize("durability", ["strict", "process"])
def test_a_killed_process_loses_no_record_it_was_told_is_written(tmp_path: Path, durability: str) -> None:
    folder = tmp_path / "j"
    arguments = [sys.executable, "-c", WRITER, str(folder), durability]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        told = [int(process.stdout.readline()) for _ in range(500)]
        process.kill()
    journal = open_journal(folder, segment_bytes=4096)
    found = [entry.record.client_id for entry in journal.entries_since(0)]
    assert found[: len(told)] == [str(number) for number in told]
    assert journal.append(RECORDS[0], 1) == len(found) + 1
    journal.close()
