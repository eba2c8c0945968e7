"""What is backed up whole rather than record by record: a sealed archive for each state of a folder, numbered.

models/00000001.archive  models/00000002.archive  ...
"""

from __future__ import annotations

import io
import os
import re
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, Final, cast

import msgspec
from msgspec import Struct

from engine.files import whole_file
from engine.store.backup.errors import BackupError, DamagedBackup
from engine.store.backup.folder import BackupFolder, explained
from engine.store.backup.sealed import SealedWriter, open_sealed
from engine.store.key_ring import KeyRing

_NAME: Final = re.compile(r"\d{8}\.archive")
_INDEX: Final = "index.json"
_INDEX_BYTES_MAX: Final = 16 << 20


class Archived(Struct, frozen=True, kw_only=True):
    """What came of taking one."""

    name: str
    """The newest archive."""
    files: int
    made: bool
    """False where nothing had changed since the one before."""
    removed: tuple[str, ...] = ()


class Unpacked(Struct, frozen=True, kw_only=True):
    """What came of opening one."""

    name: str
    files: int
    passed_over: tuple[str, ...] = ()
    """Why newer ones were not taken."""


class Archives:
    """The archives of one folder, oldest first."""

    def __init__(self, where: Path, name: str) -> None:
        self._folder = BackupFolder(where, name)

    def names(self) -> list[str]:
        """Return what is there.

        Raises:
            BackupError: the folder can't be read.
        """
        try:
            return sorted(path.name for path in self._folder.path.iterdir() if _NAME.fullmatch(path.name))
        except FileNotFoundError:
            return []
        except OSError as error:
            raise BackupError(f"{self._folder.path}: {error.strerror or error}") from error

    def take(self, source: Path, keys: KeyRing, keep: int) -> Archived:
        """Archive every file below a folder that nobody else writes to, if one is another than before.

        The newest `keep` stay, and each older one that has a file which the newest has not.

        Raises:
            BackupError: a file can't be read, it can't be written, or another backup is being written there.
        """
        with self._folder.held():
            names, index = self.names(), _index_of(source)
            if names and self._index_in(names[-1], keys, whole=True) == index:
                return Archived(name=names[-1], files=len(index), made=False)
            number = int(names[-1].partition(".")[0]) + 1 if names else 1
            name = f"{number:08d}.archive"
            self._write(name, source, index, keys)
            return Archived(name=name, files=len(index), made=True, removed=self._prune(keys, keep))

    def unpack(self, keys: KeyRing, to: Path) -> Unpacked:
        """Write the files of the newest archive that opens whole, each held against its hash.

        Raises:
            BackupError: none opens.
        """
        passed_over: list[str] = []
        for name in reversed(self.names()):
            there = to / name
            try:
                count = self._unpack(name, keys, there)
            except BackupError as error:
                passed_over.append(str(error))
                continue
            for each in there.iterdir():
                each.rename(to / each.name)
            there.rmdir()
            return Unpacked(name=name, files=count, passed_over=tuple(passed_over))
        raise BackupError("; ".join(passed_over) or f"{self._folder.path} holds no archive")

    def _write(self, name: str, source: Path, index: Mapping[str, str], keys: KeyRing) -> None:
        path = self._folder.path / name
        try:
            with whole_file(path) as file:
                sealed = SealedWriter(file, keys.current, self._sealed_name(name))
                with tarfile.open(fileobj=cast("BinaryIO", sealed), mode="w|") as tar:
                    _add(tar, _INDEX, msgspec.json.encode(index))
                    for each in index:
                        _add(tar, each, (source / each).read_bytes())
                sealed.close()
        except OSError as error:
            raise BackupError(f"{path}: {error.strerror or error}") from error

    def _unpack(self, name: str, keys: KeyRing, to: Path) -> int:
        with self._opened(name, keys) as (tar, index):
            left = dict(index)
            while (member := tar.next()) is not None:
                content = _content(tar, member)
                if left.pop(member.name, "") != sha256(content).hexdigest():
                    raise DamagedBackup(f"{member.name} is not what was archived")
                _put(to / member.name, content)
            if left:
                raise DamagedBackup(f"{next(iter(left))} is missing in it")
        return len(index)

    def _index_in(self, name: str, keys: KeyRing, *, whole: bool = False) -> dict[str, str]:
        """Return the files of an archive by hash; nothing of one that does not open, to its end where that is asked."""
        with suppress(BackupError), self._opened(name, keys, whole=whole) as (_, index):
            return index
        return {}

    @contextmanager
    def _opened(
        self, name: str, keys: KeyRing, *, whole: bool = True
    ) -> Iterator[tuple[tarfile.TarFile, dict[str, str]]]:
        path = self._folder.path / name
        with explained(path), path.open("rb") as file:
            plain = open_sealed(file, keys, self._sealed_name(name))
            try:
                with tarfile.open(fileobj=cast("BinaryIO", _Stream(plain)), mode="r|") as tar:
                    yield tar, _index(tar)
            except tarfile.TarError as error:
                raise DamagedBackup(str(error)) from error
            for _ in plain if whole else ():
                """Only its end proves that none is missing."""

    def _prune(self, keys: KeyRing, keep: int) -> tuple[str, ...]:
        *older, newest = self.names()
        held = self._index_in(newest, keys).keys()
        gone = [
            name
            for name in older[: -(keep - 1) or None]
            if (index := self._index_in(name, keys)) and index.keys() <= held
        ]
        for name in gone:
            (self._folder.path / name).unlink(missing_ok=True)
        return tuple(gone)

    def _sealed_name(self, name: str) -> str:
        return f"{self._folder.mode}/{name}"


class _Stream(io.RawIOBase):
    """Reads what comes piece by piece as one file."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        super().__init__()
        self._pieces = pieces
        self._left = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._left:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self._left = piece
        size = min(len(buffer), len(self._left))
        buffer[:size], self._left = self._left[:size], self._left[size:]
        return size


def _index_of(source: Path) -> dict[str, str]:
    """Return the files below a folder by hash.

    Raises:
        BackupError: one can't be read.
    """
    found: dict[str, str] = {}
    for path in sorted(path for path in source.rglob("*") if path.is_file()):
        try:
            found[path.relative_to(source).as_posix()] = sha256(path.read_bytes()).hexdigest()
        except OSError as error:
            raise BackupError(f"{path}: {error.strerror or error}") from error
    return found


def _index(tar: tarfile.TarFile) -> dict[str, str]:
    first = tar.next()
    if first is None or first.name != _INDEX or first.size > _INDEX_BYTES_MAX:
        raise DamagedBackup("it does not begin with its index")
    index = msgspec.json.decode(_content(tar, first), type=dict[str, str])
    for name in index:
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts or name != path.as_posix():
            raise DamagedBackup(f"{name!r} is no place below a folder")
    return index


def _content(tar: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    file = tar.extractfile(member) if member.isreg() else None
    if file is None:
        raise DamagedBackup(f"{member.name} is no file")
    return file.read()


def _add(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    """Add a file that names neither its owner nor its time."""
    info = tarfile.TarInfo(name)
    info.size, info.mode = len(content), 0o600
    tar.addfile(info, io.BytesIO(content))


def _put(path: Path, content: bytes) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
