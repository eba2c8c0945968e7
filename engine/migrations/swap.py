"""Puts a folder in the place of another at once; what a crash leaves behind is cleared up at the next look."""

from __future__ import annotations

import ctypes
import os
import shutil
import sys
from pathlib import Path
from typing import Final

from engine.files import PART_SUFFIX, sync_folder

STAGED: Final = ".migrating"
"""Ends the name of a folder that is whole, and about to take its place."""
BACKUP: Final = ".schema-"
"""In the name of the copy of a folder as it was, before the schema that it has."""
_OUTGOING: Final = ".outgoing"
_AT_CWD: Final = -100
_EXCHANGE: Final = 2
"""RENAME_EXCHANGE of Linux and RENAME_SWAP of macOS."""


def staged_beside(folder: Path) -> Path:
    """Return the name of the folder that will take the place of another."""
    return folder.with_name(folder.name + STAGED)


def part_of(folder: Path) -> Path:
    """Return an empty folder to write what will be another."""
    part = folder.with_name(folder.name + PART_SUFFIX)
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(mode=0o700)
    return part


def make_whole(part: Path, folder: Path) -> None:
    """Give a folder its name once all that is in it is on the disk."""
    for path in part.iterdir():
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    sync_folder(part)
    part.rename(folder)
    sync_folder(folder.parent)


def put_in_place(staged: Path, folder: Path) -> None:
    """Exchange two folders, and remove the one that was there: a copy of it is kept elsewhere.

    Raises:
        OSError: they can't be exchanged; the one that was there is there.
    """
    if not _exchanged(staged, folder):
        outgoing = folder.with_name(folder.name + _OUTGOING)
        folder.rename(outgoing)
        staged.rename(folder)
    sync_folder(folder.parent)
    clear_up(folder)


def clear_up(folder: Path) -> None:
    """Finish what a crash broke off: where nothing is in the place what was whole goes there, and the rest goes.

    Raises:
        OSError: the whole folder can't be put in its place.
    """
    staged = staged_beside(folder)
    if not folder.exists() and staged.exists():
        staged.rename(folder)
        sync_folder(folder.parent)
    if folder.exists():
        for left in _left_behind(folder):
            shutil.rmtree(left, ignore_errors=True)


def is_left_behind(folder: Path) -> bool:
    """Tell whether a crash left something beside a folder."""
    return any(left.exists() for left in _left_behind(folder))


def _left_behind(folder: Path) -> tuple[Path, ...]:
    suffixes = (STAGED, STAGED + PART_SUFFIX, _OUTGOING)
    copies = folder.parent.glob(f"{folder.name}{BACKUP}*{PART_SUFFIX}")
    return (*(folder.with_name(folder.name + suffix) for suffix in suffixes), *copies)


def _exchanged(one: Path, other: Path) -> bool:
    """Exchange two names in one step; return False where the system can't."""
    library = ctypes.CDLL(None, use_errno=True)
    names = os.fsencode(one), os.fsencode(other)
    if sys.platform == "darwin" and hasattr(library, "renamex_np"):
        return not library.renamex_np(*names, _EXCHANGE)
    if hasattr(library, "renameat2"):
        return not library.renameat2(_AT_CWD, names[0], _AT_CWD, names[1], _EXCHANGE)
    return False
