"""Where an account's journal lies, and a new one for who wants to begin anew."""

from __future__ import annotations

from pathlib import Path
from string import ascii_letters, digits
from zlib import crc32

from engine.alerts.kept import alarms_path
from engine.config import JournalSettings, Settings
from engine.errors import JournalError
from engine.folders import Folders
from engine.migrations.start import bring_up
from engine.model.account import AccountMode
from engine.signals.kept_path import signals_path
from engine.store.cipher import Cipher
from engine.store.journal import SegmentJournal, open_journal

_MB = 1024 * 1024
_SAFE = frozenset(f"{ascii_letters}{digits}-_")


def clean_name(name: str) -> str:
    """Return a name that is safe as the name of a folder; one that had to be changed is told apart by a checksum."""
    clean = "".join(letter if letter in _SAFE else "_" for letter in name)[:64]
    return clean if clean == name else f"{clean}_{crc32(name.encode()):08x}"


def journal_folder(settings: Settings, folders: Folders, mode: AccountMode, run: str) -> Path:
    """Return the folder of an account's journal; every replay begins one of its own."""
    if mode is AccountMode.REPLAY:
        name = f"{mode.value}-{run}"
    elif settings.broker.kind == "paper":
        name = mode.value
    else:
        name = f"{mode.value}-{clean_name(settings.broker.kind)}-{clean_name(settings.account.name)}"
    return folders.data / "journal" / name


def latch_path(folder: Path) -> Path:
    """Return the file that keeps the halts of an account: beside its journal, which a restore puts another in place of."""
    return folder.with_name(f"{folder.name}.halts.json")


def watch_path(folder: Path) -> Path:
    """Return the file that keeps what is followed besides the command line: beside its journal."""
    return folder.with_name(f"{folder.name}.watch.json")


def open_account(
    settings: JournalSettings, folder: Path, *, strict: bool, cipher: Cipher | None = None
) -> SegmentJournal:
    """Open the journal in a folder, making it if need be; one in an older schema is migrated first.

    Raises:
        JournalError: it can't be opened, is damaged, or another desk uses it; the message says what to do.
    """
    try:
        folder.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise JournalError(f"{folder}: the journal needs this folder: {error.strerror or error}") from error
    migrated = bring_up(folder)
    journal = open_journal(
        folder,
        settings.durability if strict else "process",
        segment_bytes=settings.segment_mb * _MB,
        cipher=cipher,
    )
    journal.migrated = migrated.sentence if migrated is not None else ""
    return journal


def set_aside(folder: Path, run: str) -> None:
    """Move an account's journal and what lies beside it away, so that the account begins anew; nothing is deleted.

    Raises:
        JournalError: it can't be moved.
    """
    aside = folder.with_name(f"{folder.name}-until-{run}")
    beside = ((each(folder), each(aside)) for each in (latch_path, watch_path, alarms_path, signals_path))
    for path, to in ((folder, aside), *beside):
        try:
            if path.exists():
                path.rename(to)
        except OSError as error:
            raise JournalError(f"{path} can't be moved aside: {error.strerror or error}") from error
