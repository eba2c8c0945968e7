"""The file of the operators: SQLite, for its owner alone, changed by one at a time."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import chain, count
from pathlib import Path
from typing import Final

from engine.clock import SystemClock
from engine.files import whole_file
from engine.ports.secrets import SecretsError
from engine.security.audit.log import NAME as AUDIT
from engine.security.audit.log import AuditLog
from engine.security.audit.migrated import write_migrated
from engine.security.private_file import check_private

_PATIENCE_S: Final = 5.0
_OPENED: Final = "look who is in it (touchline operators list) and give them other passwords"
_FIRST: Final = """
CREATE TABLE operators (
    name TEXT PRIMARY KEY,
    role TEXT NOT NULL,
    password BLOB NOT NULL,
    has_code INTEGER NOT NULL DEFAULT 0,
    code_step INTEGER NOT NULL DEFAULT 0,
    changed_ns INTEGER NOT NULL
) STRICT;
CREATE TABLE failures (
    scope TEXT PRIMARY KEY,
    count INTEGER NOT NULL,
    last_ns INTEGER NOT NULL,
    locked_until_ns INTEGER NOT NULL DEFAULT 0
) STRICT;
PRAGMA user_version = 1;
"""
_SECOND: Final = """
CREATE TABLE failed (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    at_ns INTEGER NOT NULL,
    origin TEXT NOT NULL
) STRICT;
PRAGMA user_version = 2;
"""
_STEPS: Final = (_FIRST, _SECOND)
"""What makes each version of the one before it."""
SCHEMA: Final = len(_STEPS)
"""The version that this program keeps."""
BACKUP: Final = ".schema-"
"""In the name of a backup, before the version that it has."""
Stamp = tuple[int, int, int, int]


class OperatorFile:
    """Opens the file for each change; no connection outlives one."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.migrated = ""
        """What was brought from an older schema when this one opened it, in a sentence; empty for nothing."""

    def exists(self) -> bool:
        """Tell whether there is one; a link or another thing in its place counts too, and is refused when it is read."""
        return os.path.lexists(self.path)

    def stamp(self) -> Stamp | None:
        """Return what is another after each change of the file, None where there is none; one system call."""
        try:
            found = os.lstat(self.path)
        except OSError:
            return None
        return found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino

    @contextmanager
    def changing(self) -> Iterator[sqlite3.Connection]:
        """Read and change, all of it or nothing; others wait.

        Raises:
            SecretsError: the file is not ours alone, is no file of operators, or can't be written.
        """
        try:
            self._make()
            with closing(sqlite3.connect(self.path, timeout=_PATIENCE_S, isolation_level=None)) as found:
                found.execute("PRAGMA trusted_schema = OFF")
                found.execute("PRAGMA synchronous = FULL")
                found.execute("BEGIN IMMEDIATE")
                self._check_version(found)
                try:
                    yield found
                except BaseException:
                    found.execute("ROLLBACK")
                    raise
                found.execute("COMMIT")
        except UnicodeEncodeError as error:
            raise SecretsError("expected a name as text, found bytes that are none") from error
        except sqlite3.Error as error:
            raise SecretsError(f"{self.path}: {error}") from error
        except OSError as error:
            raise SecretsError(f"{self.path}: {error.strerror or error}") from error

    def _make(self) -> None:
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
        descriptor = os.open(self.path, flags, 0o600)
        try:
            check_private(self.path, os.fstat(descriptor), _OPENED)
        finally:
            os.close(descriptor)

    def _check_version(self, found: sqlite3.Connection) -> None:
        (version,) = found.execute("PRAGMA user_version").fetchone()
        if not 0 <= version <= SCHEMA:
            raise SecretsError(
                f"{self.path}: expected operators of version {SCHEMA}, found {version}: use the version of Touchline that "
                f"wrote it, or have that one write it for this: touchline migrate --store operators --to {SCHEMA}"
            )
        copy = self._copied(version) if 0 < version < SCHEMA else None
        for step in _STEPS[version:]:
            for statement in step.split(";")[:-1]:
                found.execute(statement)
        if copy is not None:
            self.migrated = f"the operators were brought from schema {version} to {SCHEMA}; as they were they are in {copy.name}"

    def _copied(self, version: int) -> Path:
        """Keep the file of an older schema, and have it written down that it becomes another; without that it does not."""
        copy = keep_copy(self.path, version)
        try:
            write_migrated(AuditLog(self.path.with_name(AUDIT), SystemClock()), "operators", version, SCHEMA)
        except SecretsError:
            copy.unlink()
            raise
        return copy


def keep_copy(path: Path, version: int) -> Path:
    """Copy the file as it is, under a new name with its version, and return the copy; nobody may be writing to it.

    Raises:
        OSError: it can't be written.
    """
    name = f"{path.name}{BACKUP}{version}"
    names = map(path.with_name, chain((name,), (f"{name}-{number}" for number in count(2))))
    copy = next(each for each in names if not each.exists())
    with whole_file(copy) as file:
        file.write(path.read_bytes())
    return copy
