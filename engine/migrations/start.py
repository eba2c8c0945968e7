"""What a start does about a journal that an older program wrote."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from engine.clock import SystemClock
from engine.errors import FileDataError, JournalError
from engine.migrations.journal import Migrated, migrate_journal, schema_in
from engine.migrations.swap import clear_up, is_left_behind
from engine.security.audit.log import NAME as AUDIT
from engine.security.audit.log import AuditLog
from engine.security.audit.migrated import write_migrated
from engine.store.disk import FolderDisk
from engine.store.segment import SCHEMA_VERSION


def bring_up(folder: Path) -> Migrated | None:
    """Bring the journal in a folder to the schema of this program, where an older one wrote it; return what was done.

    Raises:
        JournalError: another desk uses it, or it can't be written; it is as it was.
        SecretsError: the audit log can't be written; the journal is as it was.
    """
    try:
        if not folder.exists():
            clear_up(folder)
        if not (_is_older(folder) or is_left_behind(folder)):
            return None
        with held(folder):
            clear_up(folder)
            return _migrate(folder) if _is_older(folder) else None  # another start may have done it meanwhile
    except OSError as error:
        raise JournalError(f"{folder}: {error.strerror or error}") from error


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Keep everybody else from writing to a journal.

    Raises:
        JournalInUse: another program writes there.
        JournalError: the folder is not safe to use.
    """
    disk = FolderDisk(folder)
    disk.hold()
    try:
        yield
    finally:
        disk.release()


def _migrate(folder: Path) -> Migrated:
    clock = SystemClock()
    log = AuditLog(folder.parent.parent / AUDIT, clock)

    def note(before: int, after: int) -> None:
        write_migrated(log, f"journal {folder.name}", before, after)

    return migrate_journal(folder, SCHEMA_VERSION, clock, note)


def _is_older(folder: Path) -> bool:
    if not folder.is_dir():
        return False
    try:
        schema = schema_in(folder)
    except FileDataError:  # it is told by who opens it
        return False
    return schema is not None and schema < SCHEMA_VERSION
