"""What a cut, a flipped bit, a lost file and a loss of power leave of a journal, and what is said about it."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest
from crc32c import crc32c
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Struct

from engine.errors import FileDataError, JournalError
from engine.messages.commands import CancelOrder
from engine.store.disk import Disk
from engine.store.header import Header
from engine.store.journal import SegmentJournal, open_journal
from engine.store.reading import JournalReader
from engine.store.segment import FRAME, HEADER, name_of, pack_header, whole_records
from tests.unit.engine.memory_disk import MemoryDisk
from tests.unit.engine.store_bench import RECORDS, entries, records, write

SEGMENT_BYTES = 1024
MANY: tuple[Struct, ...] = RECORDS * 4
"""Several segments full."""


def written(synced_each: int = 1, records: tuple[Struct, ...] = MANY) -> MemoryDisk:
    """Return a disk with records on it, a sync after every so many of them."""
    disk = MemoryDisk()
    journal = opened(disk)
    for number, record in enumerate(records, start=1):
        journal.append(record, number)
        if number % synced_each == 0:
            journal.sync_now()
    journal.close()
    return disk


def opened(disk: Disk) -> SegmentJournal:
    return SegmentJournal(disk, segment_bytes=SEGMENT_BYTES, threaded=False).open()


def found_on(disk: Disk) -> list[Struct]:
    return [entry.record for entry in JournalReader(disk)]


def used(disk: MemoryDisk) -> list[str]:
    """Return the names of the segments that hold records."""
    return sorted(name for name, file in disk.files.items() if any(file.data))


def is_prefix(found: list[Struct], records: tuple[Struct, ...] = MANY) -> bool:
    return found == list(records[: len(found)])


def test_cut_at_any_byte_of_the_last_segment_it_keeps_every_whole_record_and_goes_on() -> None:
    pristine = written(records=MANY[:22])
    last = used(pristine)[-1]
    content = bytes(pristine.files[last].data)
    sealed = _first(content) - 1
    lengths = set()
    for length in range(_end_of_records(content)):
        disk = written(records=MANY[:22])
        disk.files[last].data[:] = content[:length]
        del disk.files[name_of(len(used(pristine)) + 1)]
        found = found_on(disk)
        assert is_prefix(found)
        assert sealed <= len(found) < 22
        lengths.add(len(found))
        journal = opened(disk)
        assert journal.sequence == len(found)
        journal.append(RECORDS[4], 1)
        journal.close()
        assert found_on(disk) == [*found, RECORDS[4]]
    assert len(lengths) == 22 - sealed > 2


def _first(segment: bytes) -> int:
    return int(HEADER.unpack_from(segment)[4])


def _end_of_records(segment: bytes) -> int:
    ends = [end for _, _, end in whole_records(segment, HEADER.size, _first(segment) - 1)]
    return ends[-1]


@given(data=st.data(), synced_each=st.sampled_from([1, 3, 100]))
@settings(deadline=None, max_examples=300)
def test_a_flipped_bit_is_never_read_as_something_else_and_nothing_synced_behind_it_is_dropped(
    data: st.DataObject, synced_each: int
) -> None:
    disk = written(synced_each)
    content = disk.files[data.draw(st.sampled_from(used(disk)))].data
    place = data.draw(st.integers(0, _end_of_records(bytes(content)) - 1))
    content[place] ^= 1 << data.draw(st.integers(0, 7))
    found: list[Struct] = []
    try:
        found += found_on(disk)
    except FileDataError:
        return
    assert is_prefix(found)
    assert len(MANY) - synced_each <= len(found) < len(MANY)


@given(
    seed=st.integers(0, 2**32),
    synced_each=st.integers(1, 40),
    survival=st.sampled_from([0.0, 0.3, 0.7, 0.97, 1.0]),
    size=st.integers(1, 60),
)
@settings(deadline=None, max_examples=400)
def test_a_loss_of_power_takes_nothing_that_was_durable_and_is_never_called_damage(
    seed: int, synced_each: int, survival: float, size: int
) -> None:
    disk, chance = MemoryDisk(), random.Random(seed)
    everything: list[Struct] = []
    for _ in range(3):
        journal = opened(disk)
        assert [entry.record for entry in journal.entries_since(0)] == everything
        for _ in range(size):
            record = chance.choice(RECORDS)
            journal.append(record, 1)
            everything.append(record)
            if chance.randrange(synced_each) == 0:
                journal.sync_now()
        durable = journal.durable
        disk.lose_power(lambda: chance.random() < survival)
        found = found_on(disk)
        assert len(found) >= durable
        assert is_prefix(found, tuple(everything))
        everything = found


def test_a_hole_where_something_was_synced_is_damage() -> None:
    disk = written()
    file = disk.files[used(disk)[0]]
    file.data[512:1024] = bytes(512)
    with pytest.raises(FileDataError, match="damaged at byte"):
        found_on(disk)


def test_damage_is_told_with_file_byte_and_record_and_nothing_is_cut() -> None:
    disk = written()
    file = disk.files["00000001.tlj"]
    file.data[HEADER.size + FRAME.size + 3] ^= 0xFF
    before = bytes(file.data)
    expected = r"memory/00000001\.tlj, row 1: damaged at byte 64, .*restore.*move memory aside"
    with pytest.raises(FileDataError, match=expected):
        found_on(disk)
    assert bytes(file.data) == before


def test_damage_in_what_is_looked_at_stops_the_opening_and_lets_go() -> None:
    disk = written(synced_each=100, records=RECORDS)
    disk.files["00000001.tlj"].data[HEADER.size + FRAME.size + 3] ^= 0xFF
    with pytest.raises(JournalError, match="damaged at byte 64"):
        opened(disk)
    assert not disk.held


@pytest.mark.parametrize("number", [1, 2])
def test_a_missing_segment_is_damage(number: int) -> None:
    disk = written()
    del disk.files[name_of(number)]
    with pytest.raises(FileDataError, match=r"this segment is missing|but record 1 is needed"):
        found_on(disk)


def test_the_only_segment_gone_is_no_new_journal_as_long_as_the_next_one_stands_ready() -> None:
    disk = written(records=RECORDS[:1])
    assert used(disk) == [name_of(1)]
    assert name_of(2) in disk.files
    del disk.files[name_of(1)]
    with pytest.raises(JournalError, match=r"00000001\.tlj: this segment is missing; .*restore"):
        opened(disk)


def test_a_segment_under_another_name_is_damage() -> None:
    disk = written()
    disk.files[name_of(2)].data[:] = disk.files[name_of(1)].data
    with pytest.raises(FileDataError, match="this is segment 1 under another name"):
        found_on(disk)


def test_a_segment_of_another_journal_is_damage() -> None:
    disk = written()
    file = disk.files[name_of(2)]
    file.data[: HEADER.size] = pack_header(Header(2, 2, 1, 5))
    with pytest.raises(FileDataError, match="damaged at byte"):
        found_on(disk)


def test_records_behind_a_snapshot_can_be_read_without_the_segments_before() -> None:
    disk = written()
    second = _first(bytes(disk.files[name_of(2)].data))
    del disk.files[name_of(1)]
    assert next(entry.sequence for entry in JournalReader(disk, after=second - 1)) == second


@pytest.mark.parametrize("disk", [MemoryDisk(), written()])
def test_a_journal_that_ends_before_what_is_known_of_it_is_damage(disk: MemoryDisk) -> None:
    with pytest.raises(
        FileDataError, match=r"memory: the journal ends with record \d+, but there was a record 50"
    ):
        list(JournalReader(disk, after=50))
    assert list(JournalReader(written(), after=len(MANY))) == []


def test_a_stale_record_of_an_older_use_of_the_place_does_not_pass() -> None:
    disk = written(records=RECORDS[:3])
    file = disk.files[name_of(1)]
    end = _end_of_records(bytes(file.data))
    frame = bytes(file.data[HEADER.size : end])
    file.data[end : end + len(frame)] = frame
    reader = JournalReader(disk)
    assert [entry.record for entry in reader] == list(RECORDS[:3])
    assert reader.torn_bytes == len(frame.rstrip(b"\0"))


def test_what_is_torn_is_counted_and_filled_with_zeros(tmp_path: Path) -> None:
    write(tmp_path / "j")
    path = tmp_path / "j" / name_of(1)
    content = bytearray(path.read_bytes())
    end = _end_of_records(bytes(content))
    content[end : end + 30] = b"x" * 30
    path.write_bytes(content)
    journal = open_journal(tmp_path / "j")
    assert journal.torn_bytes == 30
    journal.close()
    assert not any(path.read_bytes()[end:])
    again = open_journal(tmp_path / "j")
    assert again.torn_bytes == 0
    again.close()
    assert records(tmp_path / "j") == list(RECORDS)


def test_a_newer_version_is_a_sentence() -> None:
    disk = written()
    header = bytearray(disk.files[name_of(1)].data[: HEADER.size])
    header[12] = 99
    _seal(header)
    disk.files[name_of(1)].data[: HEADER.size] = header
    with pytest.raises(FileDataError, match="written in journal version 99, this Touchline reads version 2"):
        found_on(disk)


def _seal(header: bytearray) -> None:
    header[8:12] = crc32c(bytes(header[12:])).to_bytes(4, "little")


@pytest.mark.parametrize("content", [b"", b"not a journal at all", bytes(2000)])
def test_a_first_segment_without_a_header_and_without_records_is_begun_anew(
    tmp_path: Path, content: bytes
) -> None:
    folder = tmp_path / "j"
    folder.mkdir(mode=0o700)
    (folder / name_of(1)).write_bytes(content)
    (folder / name_of(1)).chmod(0o600)
    write(folder, RECORDS[:1])
    assert records(folder) == [RECORDS[0]]


def test_what_can_not_be_read_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(FileDataError, match="No such file"):
        entries(tmp_path / "none")
    disk = written()
    disk.fails["read"] = OSError(5, "Input/output error")
    with pytest.raises(FileDataError, match="Input/output error"):
        found_on(disk)


def test_a_copy_of_the_folder_is_the_same_journal(tmp_path: Path) -> None:
    write(tmp_path / "j", MANY, SEGMENT_BYTES)
    shutil.copytree(tmp_path / "j", tmp_path / "copy")
    write(tmp_path / "copy", [CancelOrder("t-9")], SEGMENT_BYTES)
    assert records(tmp_path / "copy") == [*MANY, CancelOrder("t-9")]
