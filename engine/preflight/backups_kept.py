"""Looks into the folder of backups, without their keys."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from engine.config import Settings
from engine.folders import Folders
from engine.preflight.facts import BackupFacts
from engine.store.accounts import accounts_in
from engine.store.backup.sealed import MAGIC

_PIECES = ("*.manifest", "*.base", "*.increment")


def backup_facts(folders: Folders, settings: Settings) -> BackupFacts:
    """Return which accounts have a backup, how old its newest piece is, and whether all of them are sealed."""
    named = settings.backup.folder
    folder = Path(named).expanduser() if named else folders.data / "backups"
    kept = accounts_in(folder)
    return BackupFacts(
        folder=str(folder),
        newest_ns={each: when for each in kept if (when := _newest(folder / each))},
        unsealed=tuple(f"{each}/{name}" for each in kept for name in _unsealed(folder / each)),
        is_elsewhere=_device(folder) != _device(folders.data),
        accounts=tuple(name for name in accounts_in(folders.data / "journal") if not name.startswith("sim")),
    )


def _newest(folder: Path) -> int:
    return max((path.stat().st_mtime_ns for path in folder.glob("*.manifest")), default=0)


def _unsealed(folder: Path) -> Iterator[str]:
    for path in sorted(path for shape in _PIECES for path in folder.glob(shape)):
        if _head(path) != MAGIC:
            yield path.name


def _head(path: Path) -> bytes:
    """Return what a file begins with; nothing of one that can't be read, which is no backup then."""
    try:
        with path.open("rb") as file:
            return file.read(len(MAGIC))
    except OSError:
        return b""


def _device(path: Path) -> int:
    """Return which disk a path lies on, or would."""
    while not path.exists():
        path = path.parent
    return path.stat().st_dev
