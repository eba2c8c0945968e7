"""A snapshot is whole or it is none: what is damaged or of another layout is passed over."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import NoReturn

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.messages.events import SessionBegan
from engine.messages.state import SnapshotHead
from engine.store import snapshots
from engine.store.disk import FolderDisk
from engine.store.snapshots import Snapshots


@pytest.fixture
def kept(tmp_path: Path) -> tuple[Snapshots, Path]:
    disk = FolderDisk(tmp_path / "journal")
    disk.hold()
    disk.release()
    made = Snapshots(disk)
    for sequence in (5, 9):
        made.write([SnapshotHead(sequence, 1, "hash"), SessionBegan("run", "1", sequence)])
    return made, disk.path


def newest_of(kept: Snapshots) -> int | None:
    found = kept.newest()
    return found[0].sequence if found is not None else None


def test_the_newest_is_found_with_all_that_it_holds(kept: tuple[Snapshots, Path]) -> None:
    found = kept[0].newest()
    assert found is not None
    assert found[0] == SnapshotHead(9, 1, "hash")
    assert list(found[1]) == [SessionBegan("run", "1", 9)]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(bit=st.integers(0, 10_000))
def test_one_with_a_flipped_bit_falls_back_to_the_one_before(kept: tuple[Snapshots, Path], bit: int) -> None:
    path = kept[1] / f"{9:016}.snapshot"
    whole = path.read_bytes()
    data = bytearray(whole)
    data[bit // 8 % len(data)] ^= 1 << bit % 8
    path.write_bytes(data)
    try:
        assert newest_of(kept[0]) == 5
    finally:
        path.write_bytes(whole)


@pytest.mark.parametrize("size", [0, 10, 24, 40])
def test_half_a_snapshot_is_none(kept: tuple[Snapshots, Path], size: int) -> None:
    path = kept[1] / f"{9:016}.snapshot"
    path.write_bytes(path.read_bytes()[:size])
    assert newest_of(kept[0]) == 5


def test_one_whose_records_were_laid_out_otherwise_is_passed_over(
    kept: tuple[Snapshots, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshots, "layout", lambda: 1)
    assert newest_of(kept[0]) is None


def test_a_full_disk_leaves_the_old_ones(
    kept: tuple[Snapshots, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> NoReturn:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(FolderDisk, "create", full)
    with pytest.raises(OSError, match="No space"):
        kept[0].write([SnapshotHead(20, 1, "hash")])
    assert newest_of(kept[0]) == 9
    assert kept[0].sequences() == [9, 5]


def test_the_oldest_of_three_is_removed(kept: tuple[Snapshots, Path]) -> None:
    kept[0].write([SnapshotHead(12, 1, "hash")])
    assert kept[0].sequences() == [12, 9]
