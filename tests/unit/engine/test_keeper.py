"""The keeper follows the journal: its projection is what a fresh one would be, and its snapshots restore."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from engine.account.recovery import read_back
from engine.duties.keeper import Keeper
from engine.errors import FileDataError
from engine.messages.views import HealthState
from engine.replica import standalone
from engine.rooms import Rooms
from engine.store import patience
from engine.store.disk import Disk, FolderDisk, FolderFile
from engine.store.inspection import inspect
from engine.store.scan import last_record, segments_of
from engine.store.snapshots import SUFFIX, Snapshots
from tests.engine_rooms import ABC, buying, composed, passes, quoted
from tests.unit.engine.backup_bench import traded
from tests.unit.engine.memory_disk import MemoryDisk
from tests.unit.engine.store_bench import RECORDS, write
from tests.waiting import wait_until

TABLES = ("projected", "orders", "fills", "positions", "audit")


@pytest.fixture
def rooms(tmp_path: Path) -> Iterator[Rooms]:
    with composed(tmp_path) as made:
        yield made


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have what failed tried again at once."""
    monkeypatch.setattr(patience, "RETRY_S", 0.01)
    monkeypatch.setattr(patience, "RETRY_MAX_S", 0.02)


class NoRoomForSnapshots(FolderDisk):
    """A folder that takes no snapshot until it is told that there is room."""

    full = True

    def create(self, name: str, size: int) -> FolderFile:
        if self.full and name.endswith(SUFFIX):
            raise OSError(errno.ENOSPC, "No space left on device")
        return super().create(name, size)


def keeper(rooms: Rooms, database: Path, every: int = 10, disk: Disk | None = None) -> Keeper:
    journal = rooms.journal
    return Keeper(disk or journal.disk, database, "USD", every, lambda: journal.sequence, journal.sequence)


def trades(rooms: Rooms, times: int) -> None:
    for _ in range(times):
        passes(rooms, 1.5)
        quoted(rooms, ABC, 10_000)
        rooms.orders.submit(buying(rooms, 10).request)
        passes(rooms, 0.1)


def keeps(rooms: Rooms, database: Path, more: int = 0) -> None:
    """Run a keeper until it has kept up, with more trades while it runs."""
    following = keeper(rooms, database)
    following.start()
    trades(rooms, more)
    wait_until(lambda: following.sequence == rooms.journal.sequence or bool(following.failure))
    following.stop()
    assert not following.failure


def content(database: Path) -> dict[str, list[tuple[object, ...]]]:
    with closing(sqlite3.connect(database)) as connection:
        return {
            name: sorted(connection.execute(f"SELECT * FROM {name}"), key=repr)  # the names above
            for name in TABLES
        }


def test_a_projection_that_followed_is_what_one_made_anew_is(rooms: Rooms, tmp_path: Path) -> None:
    followed, anew = tmp_path / "followed.sqlite3", tmp_path / "anew.sqlite3"
    trades(rooms, 5)
    keeps(rooms, followed, more=20)
    keeps(rooms, followed, more=5)
    keeps(rooms, anew)
    assert content(followed) == content(anew)
    assert len(content(anew)["fills"]) == 30
    assert followed.stat().st_mode & 0o777 == 0o600


def test_a_snapshot_and_the_rest_are_the_whole_journal(rooms: Rooms, tmp_path: Path) -> None:
    trades(rooms, 10)
    keeps(rooms, tmp_path / "a.sqlite3")
    trades(rooms, 3)
    assert Snapshots(rooms.journal.disk).sequences()
    copy = standalone("USD")
    assert read_back(copy, rooms.journal.disk) < rooms.journal.sequence
    assert copy.digest() == rooms.replica.digest()


def test_what_the_tables_have_is_not_written_again_at_a_start(rooms: Rooms, tmp_path: Path) -> None:
    database = tmp_path / "a.sqlite3"
    trades(rooms, 10)
    keeps(rooms, database)
    first = next(iter(rooms.orders.orders))
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("UPDATE orders SET reason = 'as it was' WHERE client_id = ?", (first,))
        connection.commit()
    keeps(rooms, database, more=3)
    with closing(sqlite3.connect(database)) as connection:
        (kept,) = connection.execute("SELECT count(*) FROM orders WHERE reason = 'as it was'").fetchone()
    assert kept == 1
    assert len(content(database)["orders"]) == 13


def test_only_two_snapshots_are_kept(rooms: Rooms, tmp_path: Path) -> None:
    for _ in range(4):
        keeps(rooms, tmp_path / "a.sqlite3", more=10)
    assert len(Snapshots(rooms.journal.disk).sequences()) == 2


def test_a_database_that_knows_more_than_the_journal_is_made_anew(rooms: Rooms, tmp_path: Path) -> None:
    database = tmp_path / "a.sqlite3"
    trades(rooms, 5)
    keeps(rooms, database)
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("UPDATE projected SET sequence = sequence + 1000")
        connection.execute("UPDATE orders SET client_id = client_id || '-ghost'")
        connection.commit()
    keeps(rooms, database)
    assert {str(row[0]) for row in content(database)["orders"]} == set(rooms.orders.orders)


@pytest.mark.parametrize("damage", [b"no database at all", b""])
def test_a_damaged_database_is_made_anew(rooms: Rooms, tmp_path: Path, damage: bytes) -> None:
    database = tmp_path / "a.sqlite3"
    trades(rooms, 5)
    keeps(rooms, database)
    whole = content(database)
    database.write_bytes(damage)
    keeps(rooms, database)
    assert content(database) == whole


def test_one_of_another_version_is_made_anew(rooms: Rooms, tmp_path: Path) -> None:
    database = tmp_path / "a.sqlite3"
    trades(rooms, 2)
    keeps(rooms, database)
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("UPDATE projected SET version = 0")
        connection.commit()
    keeps(rooms, database)
    assert len(content(database)["fills"]) == 2


def test_it_says_how_far_behind_it_is(rooms: Rooms, tmp_path: Path) -> None:
    trades(rooms, 2)
    well = keeper(rooms, tmp_path / "a.sqlite3")
    assert well.reading(5).state is HealthState.OFF
    well.start()
    wait_until(lambda: well.sequence == rooms.journal.sequence)
    assert well.reading(rooms.journal.sequence + 3).value == "3 behind"
    well.stop()


@pytest.mark.usefixtures("impatient")
def test_a_database_that_can_not_be_opened_is_tried_again(rooms: Rooms, tmp_path: Path) -> None:
    trades(rooms, 2)
    folder = tmp_path / "not there yet"
    following = keeper(rooms, folder / "a.sqlite3")
    following.start()
    wait_until(lambda: bool(following.failure))
    reading = following.reading(5)
    assert (reading.state, reading.number) == (HealthState.DOWN, 5)
    assert "unable to open" in reading.detail
    folder.mkdir()
    wait_until(lambda: following.sequence == rooms.journal.sequence)
    assert following.reading(rooms.journal.sequence).state is HealthState.OK
    following.stop()


@pytest.mark.usefixtures("impatient")
def test_a_batch_that_can_not_be_written_waits_until_it_can(rooms: Rooms, tmp_path: Path) -> None:
    database = tmp_path / "a.sqlite3"
    trades(rooms, 3)
    keeps(rooms, database)
    following = keeper(rooms, database)
    projection = following._projection
    assert projection is not None
    following.start()
    wait_until(lambda: projection.sequence > 0 and not following.failure)
    trades(rooms, 1)
    wait_until(lambda: following.sequence == rooms.journal.sequence)
    projection.rows("PRAGMA max_page_count = 1")  # it has more: none can be added
    trades(rooms, 20)
    wait_until(lambda: "full" in following.failure)
    reading = following.reading(rooms.journal.sequence)
    assert reading.state is HealthState.DOWN
    assert reading.number > 0
    assert content(database)["fills"]
    projection.rows("PRAGMA max_page_count = 1000000")
    wait_until(lambda: following.sequence == rooms.journal.sequence)
    assert following.reading(rooms.journal.sequence).state is HealthState.OK
    following.stop()
    keeps(rooms, tmp_path / "anew.sqlite3")
    assert content(database) == content(tmp_path / "anew.sqlite3")


@pytest.mark.usefixtures("impatient")
def test_a_snapshot_that_can_not_be_written_is_tried_again_and_the_projection_goes_on(
    rooms: Rooms, tmp_path: Path
) -> None:
    disk = NoRoomForSnapshots(Path(rooms.journal.disk.where))
    following = keeper(rooms, tmp_path / "a.sqlite3", disk=disk)
    following.start()
    trades(rooms, 10)
    wait_until(lambda: following.sequence == rooms.journal.sequence and bool(following.snapshot_failure))
    reading = following.reading(rooms.journal.sequence)
    assert reading.state is HealthState.DEGRADED
    assert "no snapshot: No space left on device" in reading.detail
    assert Snapshots(disk).sequences() == []
    disk.full = False
    wait_until(lambda: bool(Snapshots(disk).sequences()))
    wait_until(lambda: following.reading(rooms.journal.sequence).state is HealthState.OK)
    following.stop()


def test_half_a_snapshot_is_not_kept(rooms: Rooms) -> None:
    disk = MemoryDisk()
    disk.fails["write"] = OSError(errno.EIO, "Input/output error")
    with pytest.raises(OSError, match="Input/output"):
        Snapshots(disk).write(rooms.replica.capture())
    assert not disk.files


def test_damage_before_the_snapshot_is_found_after_the_start_and_told(tmp_path: Path) -> None:
    disk = FolderDisk(tmp_path / "j")
    write(disk.path, traded(50))
    last = last_record(disk)
    written = standalone("USD")
    read_back(written, disk)
    Snapshots(disk).write(written.capture())
    first = disk.path / "00000001.tlj"
    content = bytearray(first.read_bytes())
    content[1000] ^= 4
    first.write_bytes(content)
    assert read_back(standalone("USD"), disk) == 0  # the start sees nothing
    told: list[str] = []
    following = Keeper(disk, tmp_path / "a.sqlite3", "USD", 1_000, lambda: last, last)
    following.alarm = told.append
    following.start()
    wait_until(lambda: bool(told))
    following.stop()
    assert "00000001.tlj" in told[0]
    assert "damaged at byte" in told[0]
    assert "touchline restore" in told[0]
    reading = following.reading(last)
    assert (reading.state, reading.value) == (HealthState.DOWN, "journal damaged")


def test_a_whole_journal_of_many_segments_is_inspected_to_its_end(tmp_path: Path) -> None:
    write(tmp_path / "j", RECORDS * 40)
    disk = FolderDisk(tmp_path / "j")
    begun = [number for number, header in segments_of(disk).items() if header is not None]
    assert len(begun) > 5
    assert list(inspect(disk, len(RECORDS) * 40)) == begun
    with pytest.raises(FileDataError, match="the journal ends with record 240"):
        list(inspect(disk, len(RECORDS) * 40 + 1))
