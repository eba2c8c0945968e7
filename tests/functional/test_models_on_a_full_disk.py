"""Models are registered and moved on a disk that runs full: all of it is done or nothing, one champion, and the next try works."""

from __future__ import annotations

import json
import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest

from engine.clock import SystemClock
from engine.folders import standard_folders
from engine.security.audit.entry import Act
from engine.security.audit.heads import verify
from engine.security.audit.log import AuditLog, entries_in
from tests.model_bench import good, linear, put_source
from tests.model_shell import Says, shell
from tests.small_disk import small_disk

PAGE = 4096
BECAUSE = ("--reason", "try", "--confirm", "daily")
FULL = ("No space left on device", "database or disk is full")


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    with small_disk(tmp_path / "small", "1m") as folder:
        yield folder


@pytest.fixture
def says(disk: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Says:
    return shell(disk, monkeypatch, capsys, "models")


def registered(says: Says, disk: Path, intercept: float) -> str:
    source = put_source(disk.parent / f"source-{intercept}", linear(intercept))
    found: dict[str, str] = json.loads(says("add", str(source), "--name", "daily", "--json"))
    return found["version"]


def fill(disk: Path, pages: int) -> Path:
    """Leave so many pages of room; return what took the rest."""
    found = os.statvfs(disk)
    ballast = disk / "ballast"
    ballast.write_bytes(b"x" * max(0, found.f_bavail * found.f_frsize - pages * PAGE))
    return ballast


def folders() -> set[str]:
    return {path.name for path in (standard_folders().data / "models" / "daily").iterdir()}


@pytest.mark.parametrize("pages", [0, 2, 4, 5, 6])
def test_what_can_not_be_registered_leaves_nothing_and_the_next_try_works(
    says: Says, disk: Path, pages: int
) -> None:
    first = registered(says, disk, 0.1)
    source = put_source(disk.parent / "another", linear(0.2))
    ballast = fill(disk, pages)
    told = says("add", str(source), "--name", "daily", code=2)
    assert any(each in told for each in FULL)
    assert folders() == {first}
    ballast.unlink()
    assert [each["version"] for each in json.loads(says("list", "--json"))] == [first]
    says("add", str(source), "--name", "daily")
    assert len(folders()) == 2


@pytest.mark.parametrize("pages", [0, 1, 2])
def test_a_promotion_on_a_full_disk_leaves_the_champion_and_the_next_try_works(
    says: Says, disk: Path, pages: int
) -> None:
    first, second = registered(says, disk, 0.1), registered(says, disk, 0.2)
    for version in (first, second):
        says("promote", "daily", version, *BECAUSE)
    for version in (first, second):
        (disk.parent / version).write_bytes(msgspec.json.encode(good(version)))
    says("promote", "daily", first, *BECAUSE, "--figures", str(disk.parent / first))
    ballast = fill(disk, pages)
    told = says("promote", "daily", second, *BECAUSE, "--figures", str(disk.parent / second), code=2)
    assert "database or disk is full" in told
    assert f"{first}  champion" in says("list")
    ballast.unlink()
    says("promote", "daily", second, *BECAUSE, "--figures", str(disk.parent / second))
    assert f"{second}  champion" in says("list")


@contextmanager
def no_file_above(size: int) -> Iterator[None]:
    """Let no file of this process grow beyond a size."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_move_that_could_be_told_by_half_says_that_it_was_made_and_the_next_one_is_told_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    says = shell(tmp_path, monkeypatch, capsys, "models")
    first, second = registered(says, tmp_path, 0.1), registered(says, tmp_path, 0.2)
    data = standard_folders().data
    log = AuditLog(data / "audit.log", SystemClock())
    while log.path.stat().st_size < 2 * (data / "models.sqlite3").stat().st_size:
        log.write(Act(who="ann", what="note", origin="shell", after="x" * 4_000))
    with no_file_above(log.path.stat().st_size + 100):
        told = says("quarantine", "daily", first, "--reason", "a leak", code=2)
    assert f"daily {first} is quarantined now, and the audit log could not be told: " in told
    assert verify(log.path).torn_bytes == 100
    assert f"{first}  quarantined" in says("list")
    says("quarantine", "daily", second, "--reason", "a leak too")
    torn, newest = list(entries_in(log.path))[-2:]
    assert (torn.what, torn.before, newest.what) == ("audit-torn", "100 bytes", "model-quarantine")
