"""The keeper follows the journal: its projection is what a fresh one would be, and its snapshots restore."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from engine.keeper import Keeper
from engine.messages.views import HealthState
from engine.recovery import read_back
from engine.replica import standalone
from engine.rooms import Rooms
from engine.store.snapshots import Snapshots
from tests.engine_rooms import ABC, buying, composed, passes, quoted
from tests.waiting import wait_until

TABLES = ("projected", "orders", "fills", "positions", "audit")


@pytest.fixture
def rooms(tmp_path: Path) -> Iterator[Rooms]:
    with composed(tmp_path) as made:
        yield made


def keeper(rooms: Rooms, database: Path, every: int = 10) -> Keeper:
    journal = rooms.journal
    return Keeper(journal.disk, database, "USD", every, lambda: journal.sequence, journal.sequence)


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


def test_it_says_how_far_behind_it_is_and_why_it_stopped(rooms: Rooms, tmp_path: Path) -> None:
    trades(rooms, 2)
    assert keeper(rooms, tmp_path / "a.sqlite3").reading(5).state is HealthState.OFF
    lost = keeper(rooms, tmp_path / "no such folder" / "a.sqlite3")
    lost.start()
    wait_until(lambda: bool(lost.failure))
    reading = lost.reading(5)
    assert (reading.state, reading.number) == (HealthState.DOWN, 5)
    assert "unable to open" in reading.detail
    well = keeper(rooms, tmp_path / "a.sqlite3")
    well.start()
    wait_until(lambda: well.sequence == rooms.journal.sequence)
    assert well.reading(rooms.journal.sequence + 3).value == "3 behind"
    well.stop()
