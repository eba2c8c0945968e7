"""Folders of models: read without following a link and within bounds, made whole or not at all."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from engine.files import PART_SUFFIX, sync_folder
from engine.signals.models.refusal import ModelRefused

FOLDER: Final = "models"
"""The folder of all models, in the data folder."""
_OTHERS: Final = 0o077
_FOLDER: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_NEW: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


class ModelFolder:
    """An open folder; whatever its path leads to later, this is still the one that was opened."""

    def __init__(self, path: Path, descriptor: int, *, ours_alone: bool) -> None:
        self.path = path
        self._descriptor = descriptor
        self._ours_alone = ours_alone

    def names(self) -> frozenset[str]:
        """Return what is in it."""
        return frozenset(os.listdir(self._descriptor))  # noqa: PTH208  # of the open folder, not of its path

    def read(self, name: str, bytes_max: int) -> bytes:
        """Return what a file holds.

        Raises:
            ModelRefused: it is not there, a link, no file, too large, or others may change it.
        """
        where = self.path / name
        try:
            descriptor = os.open(name, _FILE, dir_fd=self._descriptor)
        except OSError as error:
            raise ModelRefused(f"{where}: {_said(where, error)}") from None
        with os.fdopen(descriptor, "rb") as file:
            found = os.fstat(descriptor)
            if not stat.S_ISREG(found.st_mode):
                raise ModelRefused(f"{where}: it is not a file")
            if self._ours_alone:
                _check_ours(where, found)
            content = file.read(bytes_max + 1)
        if len(content) > bytes_max:
            raise ModelRefused(f"{where}: expected {bytes_max:,} bytes at most, found more")
        return content


@contextmanager
def opened(root: Path, *parts: str, ours_alone: bool = True) -> Iterator[ModelFolder]:
    """Open a folder below another, no part of the way being a link; `ours_alone` where nobody else may have been at it.

    Raises:
        ModelRefused: it is not there, a link, no folder, or open to others.
    """
    path = root
    try:
        descriptor = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise ModelRefused(f"{root}: {error.strerror or error}") from None
    try:
        for part in parts:
            path = path / part
            descriptor = _below(descriptor, part, path)
        if ours_alone:
            _check_ours(path, os.fstat(descriptor))
        yield ModelFolder(path, descriptor, ours_alone=ours_alone)
    finally:
        os.close(descriptor)


def write_folder(parent: Path, name: str, files: Mapping[str, bytes]) -> None:
    """Make a folder of mode 0700 with these files of mode 0600; it takes its name once all of it is on the disk.

    Raises:
        OSError: it can't be written; no folder of that name is there then.
    """
    for folder in (parent.parent, parent):
        folder.mkdir(mode=0o700, exist_ok=True)
    part = parent / (name + PART_SUFFIX)
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(mode=0o700)
    try:
        for each, content in files.items():
            with os.fdopen(os.open(part / each, _NEW, 0o600), "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
        sync_folder(part)
        part.rename(parent / name)
        sync_folder(parent)
        sync_folder(parent.parent)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise


def _below(parent: int, name: str, path: Path) -> int:
    """Open a folder in an open one, which is closed."""
    try:
        descriptor = os.open(name, _FOLDER, dir_fd=parent)
    except OSError as error:
        raise ModelRefused(f"{path}: {_said(path, error)}") from None
    os.dup2(descriptor, parent, inheritable=False)
    os.close(descriptor)
    return parent


def _said(path: Path, error: OSError) -> str:
    return "it is a link; expected the thing itself" if path.is_symlink() else str(error.strerror or error)


def _check_ours(path: Path, found: os.stat_result) -> None:
    if found.st_uid != os.geteuid():
        raise ModelRefused(f"{path}: it belongs to another user")
    if found.st_mode & _OTHERS:
        raise ModelRefused(
            f"{path}: others may read or change it (mode {stat.S_IMODE(found.st_mode):04o}); chmod go-rwx {path}"
        )
