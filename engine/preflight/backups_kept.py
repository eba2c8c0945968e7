"""Looks into the folder of backups: what is there, how old it is, and whether it opens with our keys."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from engine.config import Settings
from engine.errors import EngineError
from engine.folders import Folders
from engine.ports.secrets import Secrets
from engine.preflight.operation_facts import BackupFacts, TimerFacts
from engine.signals.registry.event_store import FILE as MODELS_FILE
from engine.signals.registry.folder import FOLDER as MODELS
from engine.store.accounts import accounts_in
from engine.store.backup.archive import Archives
from engine.store.backup.chain import chains_of
from engine.store.backup.errors import BackupError
from engine.store.backup.folder import BackupFolder
from engine.store.backup.keys import load_keys
from engine.store.backup.sealed import MAGIC

_PIECES: Final = ("*.manifest", "*.base", "*.increment", "*.archive")


def backup_facts(
    folders: Folders, settings: Settings, secrets: Secrets | None, timer: TimerFacts
) -> BackupFacts:
    """Return which accounts have a backup, how old its newest piece is, and whether all of them are sealed and open."""
    named = settings.backup.folder
    folder = Path(named).expanduser() if named else folders.data / "backups"
    kept = accounts_in(folder)
    places = [*kept, MODELS] if (folder / MODELS).is_dir() else kept
    return BackupFacts(
        folder=str(folder),
        newest_ns={each: when for each in kept if (when := _newest(folder / each))},
        unsealed=tuple(f"{each}/{name}" for each in places for name in _unsealed(folder / each)),
        damaged=tuple(_damaged(folder, kept, secrets)) if secrets is not None else (),
        is_elsewhere=_device(folder) != _device(folders.data),
        accounts=tuple(name for name in accounts_in(folders.data / "journal") if not name.startswith("sim")),
        models_wanted=(folders.data / MODELS_FILE).exists(),
        models=_archive(folder),
        timer=timer,
    )


def _newest(folder: Path) -> int:
    return max((path.stat().st_mtime_ns for path in folder.glob("*.manifest")), default=0)


def _archive(folder: Path) -> str:
    try:
        return next(reversed(Archives(folder, MODELS).names()), "")
    except BackupError:
        return ""


def _damaged(folder: Path, accounts: list[str], secrets: Secrets) -> Iterator[str]:
    """Yield what does not open; where there is no key nothing is said: that is another item's."""
    try:
        keys = load_keys(secrets)
    except EngineError:
        return
    for account in accounts:
        try:
            faults = [chain.fault for chain in chains_of(BackupFolder(folder, account), keys)[-1:]]
        except BackupError as error:
            faults = [error]
        yield from (str(fault) for fault in faults if fault is not None)


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
