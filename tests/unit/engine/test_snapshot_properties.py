"""A snapshot anywhere in a life and the records behind it are the whole journal, whatever fails while it is written."""

from __future__ import annotations

import errno
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from engine.account.recovery import read_back
from engine.messages.events import AccountMarked, InstrumentListed, OrderSubmitted, SessionBegan
from engine.messages.reports import AcceptReport, CancelReport, RejectReport
from engine.model.trade import Side
from engine.replica import DAY_NS, KEEP_NS, Replica, standalone
from engine.store import snapshots
from engine.store.disk import FolderDisk
from engine.store.reading import Entry, JournalReader
from engine.store.snapshots import Snapshots
from tests.unit.engine.life_bench import LifeBench
from tests.unit.engine.memory_disk import MemoryDisk
from tests.unit.engine.paper_bench import make_instrument
from tests.unit.engine.store_bench import NOON_NS, request

STEPS = (
    "ack",
    "fill 10 a",
    "fill 10 b",
    "fill 30",
    "cancel",
    "canceled",
    "refused",
    "amend 80",
    "replaced 80",
    "expired",
    "bust a",
    "correct a 20 101",
    "lost",
)
lives = st.lists(st.sampled_from(STEPS), min_size=1, max_size=15).map(lambda steps: ["new 100", *steps])
OPERATIONS = 9
"""More than a snapshot takes of the disk."""
LISTED = 2
"""The first order, behind its instrument's terms."""


def entries_of(life: list[str]) -> list[Entry]:
    """Return the journal of a life."""
    with TemporaryDirectory() as folder:
        bench = LifeBench(Path(folder) / "journal")
        try:
            bench.live_through("; ".join(life))
        finally:
            bench.journal.close()
        return list(JournalReader(FolderDisk(bench.path)))


def replayed(entries: list[Entry]) -> Replica:
    replica = standalone("USD")
    for entry in entries:
        replica.apply(entry.record, entry.sequence, entry.time_ns)
    return replica


def restored(disk: MemoryDisk, entries: list[Entry]) -> tuple[int, Replica]:
    """Return where the newest snapshot ends, and the replica with the records behind it."""
    replica, found = standalone("USD"), Snapshots(disk).newest()
    if found is not None:
        replica.restore(*found)
    begun = replica.sequence
    for entry in entries[begun:]:
        replica.apply(entry.record, entry.sequence, entry.time_ns)
    return begun, replica


@settings(deadline=None, max_examples=25)
@given(lives, st.data())
def test_a_snapshot_at_any_record_and_the_rest_are_the_whole(life: list[str], data: st.DataObject) -> None:
    entries, disk = entries_of(life), MemoryDisk()
    at = data.draw(st.integers(LISTED, len(entries)))
    Snapshots(disk).write(replayed(entries[:at]).capture())
    begun, replica = restored(disk, entries)
    assert begun == at
    assert replica.digest() == replayed(entries).digest()


@settings(deadline=None, max_examples=25)
@given(lives, st.data())
def test_a_flipped_bit_falls_back_and_loses_nothing(life: list[str], data: st.DataObject) -> None:
    entries, disk = entries_of(life), MemoryDisk()
    first = data.draw(st.integers(LISTED, len(entries) - 1))
    second = data.draw(st.integers(first + 1, len(entries)))
    for at in (first, second):
        Snapshots(disk).write(replayed(entries[:at]).capture())
    newest = disk.files[f"{second:016}.snapshot"].data
    bit = data.draw(st.integers(0, 8 * len(newest) - 1))
    newest[bit // 8] ^= 1 << bit % 8
    begun, replica = restored(disk, entries)
    assert begun == first
    assert replica.digest() == replayed(entries).digest()


@settings(deadline=None, max_examples=40)
@given(lives, st.data(), st.booleans())
def test_whatever_fails_while_one_is_written_the_one_before_can_be_used(
    life: list[str], data: st.DataObject, power: bool
) -> None:
    entries, disk = entries_of(life), MemoryDisk()
    first = data.draw(st.integers(LISTED, len(entries) - 1))
    Snapshots(disk).write(replayed(entries[:first]).capture())
    disk.fail_at(data.draw(st.integers(1, OPERATIONS)), OSError(errno.EIO, "Input/output error"))
    with suppress(OSError):
        Snapshots(disk).write(replayed(entries).capture())
    if power:
        disk.lose_power(lambda: data.draw(st.booleans()))
    disk._fails_at.clear()
    begun, replica = restored(disk, entries)
    assert begun in {first, len(entries)}
    assert replica.digest() == replayed(entries).digest()
    Snapshots(disk).write(replayed(entries).capture())
    assert restored(disk, entries)[0] == len(entries)


@pytest.mark.parametrize("taken", [0, 10, 100])
def test_a_disk_that_takes_less_than_all_leaves_the_one_before(taken: int) -> None:
    entries, disk = entries_of(["new 100", "ack", "fill 100 a"]), MemoryDisk()
    Snapshots(disk).write(replayed(entries[:LISTED]).capture())
    disk.write_at_most = taken
    with pytest.raises(OSError, match="of a snapshot could be written"):
        Snapshots(disk).write(replayed(entries).capture())
    assert restored(disk, entries)[0] == LISTED


def test_a_start_reads_only_what_is_behind_the_snapshot(tmp_path: Path) -> None:
    bench = LifeBench(tmp_path / "journal")
    bench.live_through("new 100; ack; fill 10 a")
    disk = FolderDisk(bench.path)
    Snapshots(disk).write(bench.read_back().capture())
    bench.live_through("fill 20 b; cancel; canceled")
    bench.journal.close()
    replica = standalone("USD")
    assert read_back(replica, disk) == 3
    assert replica.digest() == bench.read_back().digest()


def test_a_start_reads_the_whole_journal_where_the_snapshot_is_laid_out_otherwise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = LifeBench(tmp_path / "journal")
    bench.live_through("new 100; ack; fill 10 a; fill 20 b; bust a")
    disk = FolderDisk(bench.path)
    with monkeypatch.context() as other_version:
        other_version.setattr(snapshots, "layout", lambda: 1)
        Snapshots(disk).write(bench.read_back().capture())
    bench.live_through("fill 30 c")
    bench.journal.close()
    replica = standalone("USD")
    assert read_back(replica, disk) == replica.sequence > 0
    assert replica.digest() == bench.read_back().digest()


def test_the_terms_of_what_was_not_traded_yet_are_in_a_snapshot() -> None:
    entries, disk = entries_of(["new 100", "ack"]), MemoryDisk()
    Snapshots(disk).write(replayed(entries[:1]).capture())
    begun, replica = restored(disk, entries)
    assert begun == 1
    assert replica.digest() == replayed(entries).digest()


def test_what_ended_days_before_a_new_trading_day_is_out_of_sight_and_what_works_is_not() -> None:
    records = [
        (InstrumentListed(make_instrument()), NOON_NS),
        (OrderSubmitted(request(1), NOON_NS), NOON_NS),
        (RejectReport("t-1", "no", NOON_NS), NOON_NS),
        (OrderSubmitted(request(2), NOON_NS), NOON_NS),
        (AcceptReport("t-2", "V2", NOON_NS), NOON_NS),
        *((mark(NOON_NS + day * DAY_NS), NOON_NS + day * DAY_NS) for day in range(5)),
        (mark(NOON_NS + 5 * DAY_NS), NOON_NS + 5 * DAY_NS),
    ]
    entries = [Entry(place, time_ns, record) for place, (record, time_ns) in enumerate(records, 1)]
    assert [*replayed(entries[:-2]).history.blotter.orders] == ["t-1", "t-2"]
    after = replayed(entries)
    assert [*after.history.blotter.orders] == ["t-2"]
    assert [*after.history.blotter.forgotten] == ["t-1"]
    disk = MemoryDisk()
    Snapshots(disk).write(replayed(entries[:-2]).capture())
    assert restored(disk, entries)[1].digest() == after.digest()


def mark(now_ns: int) -> AccountMarked:
    return AccountMarked(now_ns // DAY_NS, 0, {}, 0, 0, {}, day_end_ns=now_ns + DAY_NS // 2)


def test_an_entry_that_its_exit_kept_in_sight_is_still_there_when_it_is_restored() -> None:
    old_ns, now_ns = NOON_NS, NOON_NS + 2 * KEEP_NS
    entry = request(1)
    leg = replace(request(2), parent="t-1", side=Side.SELL)
    records = [
        (InstrumentListed(make_instrument()), old_ns),
        (OrderSubmitted(entry, old_ns), old_ns),
        (RejectReport("t-1", "no", old_ns), old_ns),
        (OrderSubmitted(leg, old_ns), old_ns),
        (AcceptReport("t-2", "V2", old_ns), old_ns),
        (SessionBegan("run", "1", now_ns, 2), now_ns),
        (CancelReport("t-2", "", now_ns), now_ns),
    ]
    entries = [Entry(place, time_ns, record) for place, (record, time_ns) in enumerate(records, 1)]
    disk = MemoryDisk()
    assert "t-1" in replayed(entries).history.blotter.orders
    Snapshots(disk).write(replayed(entries).capture())
    assert restored(disk, entries)[1].digest() == replayed(entries).digest()
