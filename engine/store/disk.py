"""The seam to the file system: what the journal needs of a disk, so that a simulation can take it away.

Operations raise `OSError` as the system does; what is unsafe or in use raises `JournalError` with a sentence.
"""

from __future__ import annotations

import fcntl
import os
import stat
import sys
from pathlib import Path
from typing import Protocol

from engine.errors import JournalError, JournalInUse
from engine.store.cipher import Cipher

LOCK = "lock"
"""Held by the process that writes; the name of a file in the folder."""
_ZEROS = bytes(1 << 20)
_FLAGS = os.O_CLOEXEC | os.O_NOFOLLOW


class File(Protocol):
    """One open file of a fixed size."""

    @property
    def size(self) -> int:
        """How many bytes it has."""

    def write_at(self, offset: int, data: bytes | bytearray) -> int:
        """Write and return how many bytes were taken."""

    def sync(self) -> None:
        """Return once everything written would survive a loss of power."""

    def close(self) -> None:
        """Let go of it."""


class Disk(Protocol):
    """One folder."""

    @property
    def where(self) -> str:
        """The folder's name in a sentence."""

    @property
    def cipher(self) -> Cipher | None:
        """What seals the records that are written there; None leaves them open."""

    def hold(self) -> None:
        """Make sure that nobody else writes here, until it is released."""

    def release(self) -> None:
        """Let others write here."""

    def names(self) -> list[str]:
        """Return the names of what is in it."""

    def create(self, name: str, size: int) -> File:
        """Make a file of zeros, its room taken at once; nothing is left of one that does not fit."""

    def open(self, name: str) -> File:
        """Open a file to write into it."""

    def read(self, name: str, offset: int = 0, size: int = -1) -> bytes:
        """Return a part of a file, to its end unless a size is given."""

    def remove(self, name: str) -> None:
        """Take a file away."""

    def sync_folder(self) -> None:
        """Return once names made and removed would survive a loss of power."""


class FolderDisk:
    """A real folder that only its owner may enter."""

    __slots__ = ("_lock", "cipher", "path")

    def __init__(self, path: Path, cipher: Cipher | None = None) -> None:
        self.path = path
        self.cipher = cipher
        self._lock = -1

    @property
    def where(self) -> str:
        """The folder's path."""
        return str(self.path)

    def hold(self) -> None:
        """Make the folder if need be and lock it against a second writer.

        Raises:
            JournalInUse: another process writes here.
            JournalError: the folder is not safe to use.
        """
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._check_folder()
        lock = self._descriptor(LOCK, os.O_RDWR | os.O_CREAT)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            raise JournalInUse(
                f"another Touchline uses this journal: {self.path}; close that one first"
            ) from None
        self._lock = lock

    def release(self) -> None:
        """Let others write here."""
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1

    def names(self) -> list[str]:
        """Return the names of what is in it.

        Raises:
            JournalError: the folder is not safe to use.
        """
        self._check_folder()
        return [path.name for path in self.path.iterdir()]

    def create(self, name: str, size: int) -> FolderFile:
        """Make a file of zeros, its room taken at once; nothing is left of one that does not fit."""
        descriptor = self._descriptor(name, os.O_RDWR | os.O_CREAT | os.O_EXCL)
        try:
            _allocate(descriptor, size)
        except OSError:
            os.close(descriptor)
            self.remove(name)
            raise
        return FolderFile(descriptor, size)

    def open(self, name: str) -> FolderFile:
        """Open a file to write into it."""
        descriptor = self._descriptor(name, os.O_RDWR)
        return FolderFile(descriptor, os.fstat(descriptor).st_size)

    def read(self, name: str, offset: int = 0, size: int = -1) -> bytes:
        """Return a part of a file, to its end unless a size is given."""
        with os.fdopen(self._descriptor(name, os.O_RDONLY), "rb", buffering=0) as file:
            file.seek(offset)
            return file.read(size)

    def remove(self, name: str) -> None:
        """Take a file away."""
        (self.path / name).unlink()

    def sync_folder(self) -> None:
        """Return once names made and removed would survive a loss of power."""
        descriptor = os.open(self.path, _FLAGS | os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def _check_folder(self) -> None:
        status = os.lstat(self.path)
        if not stat.S_ISDIR(status.st_mode):
            what = "a symbolic link" if stat.S_ISLNK(status.st_mode) else "not a folder"
            raise JournalError(f"{self.path} is {what}: the journal needs a folder of its own; move it aside")
        _check_owner(self.path, status, 0o700)

    def _descriptor(self, name: str, flags: int) -> int:
        path = self.path / name
        if path.is_symlink():
            raise JournalError(f"{path} is a symbolic link: a journal holds plain files only; move it aside")
        descriptor = os.open(path, flags | _FLAGS, 0o600)
        try:
            _check_owner(path, os.fstat(descriptor), 0o600)
        except JournalError:
            os.close(descriptor)
            raise
        return descriptor


class FolderFile:
    """An open file, written without a buffer."""

    __slots__ = ("_descriptor", "size")

    def __init__(self, descriptor: int, size: int) -> None:
        self._descriptor = descriptor
        self.size = size

    def write_at(self, offset: int, data: bytes | bytearray) -> int:
        """Write and return how many bytes were taken."""
        return os.pwrite(self._descriptor, data, offset)

    def sync(self) -> None:
        """Return once everything written would survive a loss of power."""
        if sys.platform == "darwin":
            fcntl.fcntl(self._descriptor, fcntl.F_FULLFSYNC)
        else:
            os.fdatasync(self._descriptor)

    def close(self) -> None:
        """Let go of it; closing twice is harmless."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


def _check_owner(path: Path, status: os.stat_result, mode: int) -> None:
    """Refuse what another user owns or others may read."""
    if status.st_uid != os.geteuid():
        raise JournalError(f"{path} belongs to another user: start Touchline as its owner, or move it aside")
    if status.st_mode & 0o077:
        found = stat.S_IMODE(status.st_mode)
        raise JournalError(f"{path} is open to other users ({found:o}): run chmod {mode:o} {path}")


def _allocate(descriptor: int, size: int) -> None:
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(descriptor, 0, size)
        return
    offset = 0
    while offset < size:
        offset += os.pwrite(descriptor, _ZEROS[: size - offset], offset)
