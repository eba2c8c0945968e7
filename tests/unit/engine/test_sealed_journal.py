"""A sealed journal is read back like another, and says nothing to who has not the key."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.account.recovery import read_back
from engine.duties.keeper import Keeper
from engine.duties.leaving import Leaving
from engine.errors import FileDataError
from engine.messages.views import HealthState
from engine.replica import standalone
from engine.rooms import Rooms
from engine.shell.past import Sealed, past_of
from engine.store.cipher import Cipher
from engine.store.disk import FolderDisk
from engine.store.journal import SegmentJournal, open_journal
from engine.store.key_ring import KEY_BYTES, Key, KeyRing
from engine.store.reading import JournalFollower, JournalReader
from engine.store.scan import Scan
from engine.store.segment import FRAME, HEADER, name_of, seal
from engine.store.snapshots import Snapshots
from tests.engine_rooms import ABC, buying, composed, passes
from tests.unit.engine.memory_disk import MemoryDisk
from tests.unit.engine.store_bench import RECORDS, write
from tests.waiting import wait_until

KEY, OTHER = (Key(bytes([number]) * KEY_BYTES) for number in (1, 2))
SECRET_WORDS = (b"ABC", b"PAPER-1", b"OrderIntent", b"OrderFilled")


def cipher(*keys: Key) -> Cipher:
    return Cipher(KeyRing(keys or (KEY,), "the vault"))


def keeper(rooms: Rooms, every: int) -> Keeper:
    journal = rooms.journal
    database = rooms.folders.data / "sim.sqlite3"
    return Keeper(journal.disk, database, "USD", every, lambda: journal.sequence, journal.sequence)


@pytest.fixture
def rooms(tmp_path: Path) -> Iterator[Rooms]:
    """Have an account with a sealed journal that bought ABC, and a database from before it was sealed."""
    with composed(tmp_path, cipher=cipher()) as made:
        (made.folders.data / "sim.sqlite3").write_bytes(b"ABC")
        made.orders.submit(buying(made, 10).request)
        passes(made, 0.1)
        yield made


def content(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_nothing_of_an_account_lies_open_and_a_start_reads_it_back(rooms: Rooms) -> None:
    following = keeper(rooms, every=5)
    following.start()
    wait_until(lambda: following.sequence == rooms.journal.sequence)
    following.stop()
    assert following.reading(rooms.journal.sequence).state is HealthState.OK
    assert Snapshots(rooms.journal.disk).sequences()
    (rooms.folders.data / "sim.resume.json").write_bytes(b"ABC")
    Leaving(rooms).finish()
    lying = content(rooms.folders.data)
    assert [word for word in SECRET_WORDS if word in lying] == []
    from_snapshot, from_start = standalone("USD"), standalone("USD")
    assert read_back(from_snapshot, rooms.journal.disk) < rooms.journal.sequence
    for entry in JournalReader(rooms.journal.disk):
        from_start.apply(entry.record, entry.sequence, entry.time_ns)
    assert from_snapshot.digest() == from_start.digest() == rooms.replica.digest()


def test_its_history_is_told_out_of_the_journal_itself(rooms: Rooms) -> None:
    told = past_of(rooms.folders, "orders", sealed=Sealed(cipher(), "USD"))
    assert [(row["symbol"], row["status"]) for row in told] == [(ABC, "filled")]
    assert past_of(rooms.folders, "fills", symbol="XYZ", sealed=Sealed(cipher(), "USD")) == []


def test_without_the_key_a_sentence_says_what_to_do(rooms: Rooms) -> None:
    folder = Path(rooms.journal.disk.where)
    with pytest.raises(FileDataError, match=r"it is encrypted: set \[journal\] encrypt = true"):
        list(JournalReader(FolderDisk(folder)))
    lacking = f"the key {KEY.id.hex()} that sealed it is not in the vault"
    with pytest.raises(FileDataError, match=lacking):
        list(JournalReader(FolderDisk(folder, cipher(OTHER))))
    with pytest.raises(FileDataError, match=lacking):
        list(JournalFollower(FolderDisk(folder, cipher(OTHER))).more())


def test_what_was_written_open_is_still_read_after_it_is_sealed_and_after_a_rotation(tmp_path: Path) -> None:
    folder = tmp_path / "journal"
    write(folder)
    for keys in ((KEY,), (OTHER, KEY)):
        with_journal = open_journal(folder, segment_bytes=4096, cipher=cipher(*keys))
        for record in RECORDS:
            with_journal.append(record, with_journal.sequence + 1)
        with_journal.close()
    found = [entry.record for entry in JournalReader(FolderDisk(folder, cipher(OTHER, KEY)))]
    assert found == [*RECORDS] * 3


def test_a_record_in_the_place_of_another_is_damage_although_its_checksum_is_right() -> None:
    disk = MemoryDisk(cipher=cipher())
    journal = SegmentJournal(disk, segment_bytes=64 * 1024, threaded=False).open()
    for record in RECORDS[:2]:
        journal.append(record, 1)
    journal.sync_now()
    journal.close()
    second = [bytes(payload) for _, payload in Scan(disk)][1]
    frame = bytearray(FRAME.size) + second
    seal(frame, 1, 0)
    segment = disk.files[name_of(1)].data
    segment[HEADER.size :] = frame.ljust(len(segment) - HEADER.size, b"\0")
    with pytest.raises(FileDataError, match="it was changed after it was sealed"):
        list(JournalReader(disk))
