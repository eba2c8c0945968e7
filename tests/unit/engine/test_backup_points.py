"""Every point that was backed up can be restored, and is what the journal was."""

from __future__ import annotations

import json
from itertools import count
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from threading import Event, Thread

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.migrations.journal import migrate_journal
from engine.store.backup.errors import BackupError
from engine.store.backup.place import put_in_place
from engine.store.backup.target import Target
from engine.store.disk import FolderDisk
from engine.store.journal import SegmentJournal, open_journal
from tests.unit.engine.backup_bench import DAY_NS, SEGMENT_BYTES, Bench
from tests.unit.engine.store_bench import RECORDS, entries, write


@given(
    bursts=st.lists(st.tuples(st.integers(1, 40), st.booleans()), min_size=1, max_size=6), seed=st.integers()
)
@settings(deadline=None, max_examples=12)
def test_a_restore_to_any_point_is_the_same_prefix_of_the_journal(
    bursts: list[tuple[int, bool]], seed: int
) -> None:
    with TemporaryDirectory() as name:
        bench = Bench(Path(name))
        for count, base in bursts:
            bench.write(count)
            bench.take(base=base)
        whole = bench.written_entries()
        assert bench.restored_entries() == whole
        points = Random(seed)
        for _ in range(5):
            last = points.randint(1, len(whole))
            assert bench.restored_entries(Target(sequence=last)) == whole[:last]
            assert bench.restored_entries(Target(time_ns=whole[last - 1].time_ns)) == whole[:last]


def test_each_of_a_hundred_points_is_restored(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    for _ in range(10):
        bench.write(12)
        bench.take()
    whole = bench.written_entries()
    for last in range(1, 121):
        assert bench.restored_entries(Target(sequence=last)) == whole[:last]


def test_a_restored_journal_is_opened_and_goes_on_with_the_next_sequence(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.write(30)
    bench.take()
    _, into = bench.restore(Target(sequence=17))
    write(into, RECORDS[:2])
    found = entries(into)
    assert found[:17] == bench.written_entries()[:17]
    assert [entry.sequence for entry in found] == list(range(1, 20))


def test_a_backup_after_a_restore_begins_anew_because_the_journal_goes_another_way(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.write(30)
    bench.take()
    restored, into = bench.restore(Target(sequence=17))
    put_in_place(restored, into, bench.account.journal, bench.account.config, bench.clock)
    bench.write(20, RECORDS[3:])
    taken = bench.take()
    assert taken.manifest is not None
    assert (taken.manifest.kind, taken.manifest.first_sequence, taken.last_sequence) == ("base", 1, 37)
    assert bench.restored_entries() == bench.written_entries()


def test_an_increment_holds_only_what_is_new(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.write(300)
    first = bench.take().manifest
    bench.write(2)
    second = bench.take().manifest
    assert first is not None
    assert second is not None
    assert (second.kind, second.first_sequence, second.last_sequence) == ("increment", 301, 302)
    assert sum(extent.length for extent in second.extents) < 800
    assert second.data_bytes < first.data_bytes / 5


def test_nothing_new_is_no_new_piece(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.write(3)
    bench.take()
    before = bench.names()
    taken = bench.take()
    assert taken.manifest is None
    assert taken.last_sequence == 3
    assert bench.names() == before


def test_changed_settings_are_new_and_come_back(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.write(3)
    bench.take()
    (bench.account.config / "themes").mkdir(parents=True)
    (bench.account.config / "limits.toml").write_text("a = 1\n", encoding="utf-8")
    (bench.account.config / "themes" / "own.toml").write_text("b = 1\n", encoding="utf-8")
    assert bench.take().manifest is not None
    (bench.account.config / "limits.toml").write_text("a = 2\n", encoding="utf-8")
    (bench.account.config / "themes" / "own.toml").unlink()
    restored, into = bench.restore()
    placed = put_in_place(restored, into, bench.account.journal, bench.account.config, bench.clock)
    kept = bench.account.config
    assert placed.config == (kept / "limits.toml.restored", kept / "themes" / "own.toml")
    assert (kept / "limits.toml").read_text(encoding="utf-8") == "a = 2\n"
    assert (kept / "limits.toml.restored").read_text(encoding="utf-8") == "a = 1\n"


def test_the_journal_that_was_there_is_moved_aside_and_the_marker_says_so(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.write(9)
    bench.take()
    bench.write(1)
    before = bench.written_entries()
    restored, into = bench.restore()
    placed = put_in_place(restored, into, bench.account.journal, bench.account.config, bench.clock)
    assert placed.moved_aside is not None
    assert placed.moved_aside.name == "journal.before-restore-19700102T000000Z"
    assert entries(placed.moved_aside) == before
    assert bench.written_entries() == before[:9]
    told = json.loads((bench.account.journal / "restored.json").read_text(encoding="utf-8"))
    assert told["last_sequence"] == 9
    assert told["restored_at"] == "1970-01-02T00:00:00Z"
    assert told["moved_aside"] == str(placed.moved_aside)


def test_two_restores_in_one_second_keep_every_journal_that_was_there(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.write(9)
    bench.take()
    asides = []
    for last in (7, 5, 3):
        restored, into = bench.restore(Target(sequence=last))
        placed = put_in_place(restored, into, bench.account.journal, bench.account.config, bench.clock)
        assert placed.moved_aside is not None
        asides.append(placed.moved_aside)
    assert [len(entries(path)) for path in (*asides, bench.account.journal)] == [9, 7, 5, 3]


def test_a_move_that_fails_leaves_the_journal_where_it_was(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.write(9)
    bench.take()
    restored, into = bench.restore(Target(sequence=5))

    def on_another_disk(path: Path, to: Path) -> Path:
        if path == into:
            raise OSError(18, "Invalid cross-device link")
        return real(path, to)

    real = Path.rename
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Path, "rename", on_another_disk)
        with pytest.raises(BackupError, match="cross-device"):
            put_in_place(restored, into, bench.account.journal, bench.account.config, bench.clock)
    assert len(bench.written_entries()) == 9


def test_a_journal_that_a_desk_writes_is_not_replaced(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.write(9)
    bench.take()
    restored, into = bench.restore()
    disk = FolderDisk(bench.account.journal)
    disk.hold()
    with pytest.raises(BackupError, match="another Touchline uses this journal"):
        put_in_place(restored, into, bench.account.journal, bench.account.config, bench.clock)
    disk.release()
    assert len(bench.written_entries()) == 9


@pytest.mark.parametrize("target", [Target(sequence=10), Target(time_ns=0)])
def test_a_point_outside_the_backup_is_refused_with_what_there_is(tmp_path: Path, target: Target) -> None:
    bench = Bench(tmp_path)
    bench.write(9)
    bench.take()
    with pytest.raises(BackupError, match=r"no such point: it goes from record 1 .* to record 9"):
        bench.restore(target)


def test_a_snapshot_comes_back_only_for_a_point_behind_it(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.write(20)
    for sequence in (5, 12):
        path = bench.account.journal / f"{sequence:016d}.snapshot"
        path.write_bytes(b"TLSNAP01 state")
        path.chmod(0o600)
    bench.take()
    for last, names in ((20, ["0000000000000012.snapshot"]), (12, ["0000000000000012.snapshot"]), (11, [])):
        _, into = bench.restore(Target(sequence=last))
        assert [path.name for path in into.glob("*.snapshot")] == names


def test_a_snapshot_that_is_not_whole_yet_is_passed_over(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.write(20)
    for sequence, content in ((5, b"TLSNAP01"), (12, bytes(40))):
        path = bench.account.journal / f"{sequence:016d}.snapshot"
        path.write_bytes(content)
        path.chmod(0o600)
    bench.take()
    assert [path.name for path in bench.restore()[1].glob("*.snapshot")] == ["0000000000000005.snapshot"]


def test_a_base_is_due_when_the_last_one_is_old(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    kinds = []
    for _ in range(4):
        bench.write(5)
        manifest = bench.take().manifest
        assert manifest is not None
        kinds.append(manifest.kind)
        bench.clock.advance_to(bench.clock.now_ns() + 4 * DAY_NS)
    assert kinds == ["base", "increment", "base", "increment"]


def test_backups_are_whole_while_a_desk_appends(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    journal = open_journal(bench.account.journal, "process", segment_bytes=2000)
    begun, enough = Event(), Event()

    def append() -> None:
        while not enough.is_set():
            journal.append(RECORDS[journal.sequence % len(RECORDS)], journal.sequence + 1)
            begun.set()

    writer = Thread(target=append)
    writer.start()
    try:
        begun.wait()
        taken = [bench.take() for _ in range(8)]
    finally:
        enough.set()
        writer.join()
        journal.close()
    whole = bench.written_entries()
    lasts = [each.last_sequence for each in taken]
    assert lasts == sorted(lasts)
    assert lasts[-1] <= len(whole)
    for last in (lasts[0], lasts[-1]):
        assert bench.restored_entries(Target(sequence=last)) == whole[:last]


@pytest.mark.parametrize("at", range(14))
def test_records_that_come_between_any_two_reads_are_left_for_the_next_backup(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    bench = Bench(tmp_path)
    disk = FolderDisk(bench.account.journal)
    journal = SegmentJournal(disk, segment_bytes=SEGMENT_BYTES, threaded=False).open()
    real, reads = FolderDisk.read, count()

    def append(records: int) -> None:
        for _ in range(records):
            journal.append(RECORDS[journal.sequence % len(RECORDS)], journal.sequence + 1)
            journal.sync_now()

    def read(disk: FolderDisk, name: str, offset: int = 0, size: int = -1) -> bytes:
        if next(reads) == at:
            append(20)
        return real(disk, name, offset, size)

    append(14)
    with monkeypatch.context() as patched:
        patched.setattr(FolderDisk, "read", read)
        taken = bench.take()
    assert 14 <= taken.last_sequence <= journal.sequence == 34
    assert next(reads) > at
    assert bench.restored_entries() == bench.written_entries()[: taken.last_sequence]
    journal.close()


def test_an_empty_or_missing_journal_says_that_there_is_nothing(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    with pytest.raises(BackupError, match="there is no journal yet"):
        bench.take()
    write(bench.account.journal, [])
    with pytest.raises(BackupError, match="holds no record yet"):
        bench.take()
    assert bench.names() == []


def test_a_damaged_journal_is_told_and_not_backed_up(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.write(30)
    segment = bench.account.journal / "00000002.tlj"
    content = bytearray(segment.read_bytes())
    content[200] ^= 1
    segment.write_bytes(content)
    with pytest.raises(BackupError, match="can't be backed up as it is"):
        bench.take()
    assert bench.names() == []


def test_a_backup_goes_on_over_a_change_of_schema(tmp_path: Path) -> None:
    bench = Bench(tmp_path / "data")
    bench.write(4)
    migrate_journal(bench.account.journal, 1, bench.clock, lambda *_: None)
    bench.take()
    migrate_journal(bench.account.journal, 2, bench.clock, lambda *_: None)
    bench.write(4)
    taken = bench.take().manifest
    assert taken is not None
    assert taken.kind == "increment"
    assert bench.restored_entries() == bench.written_entries()
