"""An archive of a folder opens whole or not at all, whoever made it."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO, cast

import msgspec
import pytest

from engine.store.backup.archive import Archives
from engine.store.backup.errors import BackupError
from engine.store.backup.marker import MARKER, restored_at
from engine.store.backup.sealed import SealedWriter
from engine.store.backup.source import config_of
from engine.store.backup.still import StillDisk
from engine.store.disk import FolderDisk
from engine.store.key_ring import KEY_BYTES, Key, KeyRing
from engine.store.segment import name_of

KEY = Key(bytes(range(KEY_BYTES)))
RING = KeyRing((KEY,), "a test")
CONTENT = b"a model"
DIGEST = sha256(CONTENT).hexdigest()


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "models"
    folder.mkdir()
    (folder / "a.model").write_bytes(CONTENT)
    return folder


@pytest.fixture
def archives(tmp_path: Path) -> Archives:
    return Archives(tmp_path / "backups", "models")


def file(name: str, content: bytes) -> Callable[[tarfile.TarFile], None]:
    def add(tar: tarfile.TarFile) -> None:
        info = tarfile.TarInfo(name)
        info.size = len(content)
        tar.addfile(info, io.BytesIO(content))

    return add


def folder(name: str) -> Callable[[tarfile.TarFile], None]:
    def add(tar: tarfile.TarFile) -> None:
        info = tarfile.TarInfo(name)
        info.type = tarfile.DIRTYPE
        tar.addfile(info)

    return add


def index(files: dict[str, str]) -> Callable[[tarfile.TarFile], None]:
    return file("index.json", msgspec.json.encode(files))


def newest(
    tmp_path: Path, number: int, *members: Callable[[tarfile.TarFile], None], raw: bytes = b""
) -> None:
    """Seal an archive with the account's own key."""
    name = f"{number:08d}.archive"
    with (tmp_path / "backups" / "models" / name).open("wb") as there:
        sealed = SealedWriter(there, KEY, f"models/{name}")
        if members:
            with tarfile.open(fileobj=cast("BinaryIO", sealed), mode="w|") as tar:
                for add in members:
                    add(tar)
        sealed.write(raw)
        sealed.close()


@pytest.mark.parametrize(
    ("members", "raw", "told"),
    [
        pytest.param((), b"", "empty file", id="nothing"),
        pytest.param((), b"no tar" * 200, "invalid header", id="no-archive"),
        pytest.param((file("a.model", CONTENT),), b"", "it does not begin with its index", id="no-index"),
        pytest.param((folder("index.json"),), b"", "index.json is no file", id="index-is-a-folder"),
        pytest.param((index({"../a": DIGEST}),), b"", "is no place below a folder", id="above"),
        pytest.param((index({"/etc/a": DIGEST}),), b"", "is no place below a folder", id="absolute"),
        pytest.param((index({"a.model": DIGEST}),), b"", "a.model is missing in it", id="missing"),
        pytest.param(
            (index({"a.model": DIGEST}), file("a.model", b"another")),
            b"",
            "a.model is not what was archived",
            id="changed",
        ),
        pytest.param(
            (index({}), file("b.model", CONTENT)), b"", "b.model is not what was archived", id="not-named"
        ),
    ],
)
def test_one_that_is_not_whole_is_passed_over_and_said(
    tmp_path: Path,
    source: Path,
    archives: Archives,
    members: tuple[Callable[[tarfile.TarFile], None], ...],
    raw: bytes,
    told: str,
) -> None:
    archives.take(source, RING, keep=3)
    newest(tmp_path, 2, *members, raw=raw)
    unpacked = archives.unpack(RING, tmp_path / "out")
    assert unpacked.name == "00000001.archive"
    assert told in unpacked.passed_over[0]
    assert (tmp_path / "out" / "a.model").read_bytes() == CONTENT


def test_one_that_is_damaged_at_its_end_is_taken_again(
    tmp_path: Path, source: Path, archives: Archives
) -> None:
    path = tmp_path / "backups" / "models" / archives.take(source, RING, keep=3).name
    assert not archives.take(source, RING, keep=3).made
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    assert archives.take(source, RING, keep=3).made


def test_where_there_is_none_that_is_said(tmp_path: Path, archives: Archives) -> None:
    with pytest.raises(BackupError, match="holds no archive"):
        archives.unpack(RING, tmp_path / "out")


def test_a_place_that_is_no_folder_is_said(tmp_path: Path, archives: Archives) -> None:
    (tmp_path / "backups").mkdir()
    (tmp_path / "backups" / "models").write_bytes(b"")
    with pytest.raises(BackupError, match="models: Not a directory"):
        archives.names()


def test_an_archive_that_can_not_be_written_leaves_the_others(source: Path, archives: Archives) -> None:
    archives.take(source, RING, keep=3)
    (source / "b.model").symlink_to("/proc/self/mem")
    with pytest.raises(BackupError, match="Input/output error"):
        archives.take(source, RING, keep=3)
    assert archives.names() == ["00000001.archive"]


@pytest.mark.parametrize("content", [b"", b"{", b'{"restored_at": 1}'], ids=["empty", "torn", "other"])
def test_a_marker_that_can_not_be_read_tells_nothing(tmp_path: Path, content: bytes) -> None:
    (tmp_path / MARKER).write_bytes(content)
    (tmp_path / MARKER).chmod(0o600)
    assert restored_at(FolderDisk(tmp_path), 1) == ""


def test_settings_that_can_not_be_read_are_said(tmp_path: Path) -> None:
    (tmp_path / "config.toml").mkdir()
    (tmp_path / "config.toml" / "a.toml").symlink_to("a.toml")
    (tmp_path / "b.toml").write_text("")
    assert list(config_of(tmp_path)) == ["config/b.toml"]


def test_a_segment_that_goes_while_the_folder_is_looked_at_was_never_begun(tmp_path: Path) -> None:
    """A desk that closes removes what lay ready, between the look at the names and the read."""

    class Closing(StillDisk):
        def _look(self, names: list[str]) -> list[str]:
            return super()._look([*names, name_of(9)])

    assert Closing(tmp_path).names() == []
