"""The journal's folder on a real file system: who may use it, and what a real full or read-only disk does."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from engine.errors import JournalError
from engine.store.disk import FolderDisk
from engine.store.journal import open_journal
from tests.unit.engine.store_bench import RECORDS, entries, records, write


def test_only_its_owner_may_enter_the_folder_and_read_its_files(tmp_path: Path) -> None:
    write(tmp_path / "a" / "b" / "j")
    folder = tmp_path / "a" / "b" / "j"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}


def test_a_second_writer_is_refused_and_the_first_goes_on(tmp_path: Path) -> None:
    first = open_journal(tmp_path / "j")
    with pytest.raises(JournalError, match="another Touchline uses this journal"):
        open_journal(tmp_path / "j")
    assert first.append(RECORDS[0], 1) == 1
    assert len(entries(tmp_path / "j")) == 1
    first.close()
    open_journal(tmp_path / "j").close()


@pytest.mark.parametrize("mode", [0o755, 0o770, 0o701])
def test_a_folder_that_is_open_to_others_is_refused_with_the_remedy(tmp_path: Path, mode: int) -> None:
    write(tmp_path / "j")
    (tmp_path / "j").chmod(mode)
    with pytest.raises(JournalError, match=rf"open to other users \({mode:o}\): run chmod 700 "):
        open_journal(tmp_path / "j")
    with pytest.raises(JournalError, match="open to other users"):
        entries(tmp_path / "j")
    (tmp_path / "j").chmod(0o700)
    open_journal(tmp_path / "j").close()


@pytest.mark.parametrize("name", ["00000001.tlj", "lock"])
def test_a_file_that_is_open_to_others_is_refused_with_the_remedy(tmp_path: Path, name: str) -> None:
    write(tmp_path / "j")
    (tmp_path / "j" / name).chmod(0o644)
    with pytest.raises(JournalError, match=rf"{name} is open to other users \(644\): run chmod 600 "):
        open_journal(tmp_path / "j")


@pytest.mark.parametrize("name", ["00000001.tlj", "lock"])
def test_a_file_that_is_a_link_is_refused(tmp_path: Path, name: str) -> None:
    write(tmp_path / "j")
    (tmp_path / "j" / name).rename(tmp_path / "elsewhere")
    (tmp_path / "j" / name).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(JournalError, match=f"{name} is a symbolic link"):
        open_journal(tmp_path / "j")


def test_a_folder_that_is_a_link_or_a_file_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "real")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    with pytest.raises(JournalError, match="link is a symbolic link"):
        open_journal(tmp_path / "link")
    (tmp_path / "file").write_text("x")
    with pytest.raises(JournalError, match="File exists"):
        open_journal(tmp_path / "file")
    with pytest.raises(JournalError, match="file is not a folder"):
        FolderDisk(tmp_path / "file").names()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_a_folder_of_another_user_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "j")
    os.chown(tmp_path / "j", 12_345, 12_345)
    with pytest.raises(JournalError, match="belongs to another user"):
        open_journal(tmp_path / "j")


def test_a_segment_that_does_not_fit_leaves_nothing_behind_and_cancels_go_on(tmp_path: Path) -> None:
    folder = tmp_path / "j"
    journal = open_journal(folder, segment_bytes=4096)
    journal.append(RECORDS[0], 1)
    journal.close()
    (folder / "00000002.tlj").unlink(missing_ok=True)  # it was made ready, unless the end came first
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, hard))
    try:
        full = open_journal(folder, segment_bytes=8192)
        assert "no room for another 0.0078125 MiB" in full.refusal
        assert full.append(RECORDS[4], 1) == 2
        assert not (folder / "00000002.tlj").exists()
        full.close()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert records(folder) == [RECORDS[0], RECORDS[4]]


FULL = """
import subprocess, sys, time
from pathlib import Path
from engine.errors import JournalError
from engine.messages.commands import CancelOrder
from engine.store.journal import open_journal
mount = Path(sys.argv[1])
subprocess.run(["mount", "-t", "tmpfs", "-o", "size=300k,mode=0700", "none", mount], check=True)
journal = open_journal(mount / "j", segment_bytes=65536)
written = denied_after = 0
try:
    while True:
        if journal.refusal and not denied_after:
            denied_after = written
        journal.append(CancelOrder(str(written)), 1)
        written += 1
        while journal.unsynced:
            time.sleep(0)
except JournalError as error:
    print(error)
assert 0 < denied_after < written, (denied_after, written)
journal.close()
again = open_journal(mount / "j", segment_bytes=65536)
assert [int(entry.record.client_id) for entry in again.entries_since(0)] == list(range(written))
again.close()
subprocess.run(["mount", "-o", "remount,ro", mount], check=True)
try:
    open_journal(mount / "j")
except JournalError as error:
    print(error)
"""


def test_a_full_and_a_read_only_file_system_are_sentences_and_lose_nothing(tmp_path: Path) -> None:
    """The file system is mounted in a name space of its own."""
    try:
        able = subprocess.run(["unshare", "-rm", "true"], check=False, capture_output=True).returncode == 0
    except FileNotFoundError:
        able = False
    if not able:
        pytest.skip("this system lets no user mount a file system of his own")
    arguments = ["unshare", "-rm", sys.executable, "-c", FULL, str(tmp_path)]
    done = subprocess.run(arguments, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    full, read_only = done.stdout.splitlines()
    assert full == f"no room for another 0.0625 MiB in {tmp_path}/j: new orders are denied"
    assert read_only == f"{tmp_path}/j: Read-only file system"
