"""The file of the operators in an older schema."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NamedTuple

import msgspec

from engine.errors import FileDataError
from engine.files import whole_file
from engine.migrations.journal import Losses, MigrationRefused
from engine.security.operators.database import SCHEMA, OperatorFile, keep_copy

_FAILED = "SELECT number, at_ns, origin FROM failed ORDER BY number"


class Moved(NamedTuple):
    """What became of the file."""

    backup: Path
    lost: Path | None = None


def version_in(path: Path) -> int | None:
    """Return the schema of the file; None where there is none, or nothing in it.

    Raises:
        FileDataError: it can't be read.
    """
    if not path.exists():
        return None
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as found:
            (version,) = found.execute("PRAGMA user_version").fetchone()
    except sqlite3.Error as error:
        raise FileDataError(str(path), str(error)) from error
    return int(version) or None


def losses_in(path: Path, to: int) -> Losses:
    """Return what a schema can't hold of the file.

    Raises:
        FileDataError: it can't be read.
    """
    if to >= SCHEMA or (version_in(path) or 0) < SCHEMA:
        return Losses(0, ())
    with _opened(path) as found:
        (records,) = found.execute("SELECT count(*) FROM failed").fetchone()
    return Losses(records, ("failed",) if records else ())


def move_operators(path: Path, to: int, note: Callable[[int, int], None], *, allow_loss: bool) -> Moved:
    """Bring the file to a schema, all of it or nothing, a copy of it kept.

    Raises:
        MigrationRefused: that schema can't hold everything, and nothing may be lost.
        FileDataError: it can't be read or written.
        SecretsError: it is not ours alone.
    """
    before = version_in(path)
    assert before is not None, "there are operators"
    if to > before:  # the file itself writes it down
        known = set(path.parent.glob(f"{path.name}.schema-*"))
        with OperatorFile(path).changing():
            (backup,) = set(path.parent.glob(f"{path.name}.schema-*")) - known
        return Moved(backup)
    losses = losses_in(path, to)
    if losses.records and not allow_loss:
        raise MigrationRefused(
            f"{path}: schema {to} can't hold all of it: {losses.sentence()}; "
            "--allow-loss leaves it out and writes it into a file beside the backup"
        )
    with _opened(path) as found:
        backup = keep_copy(path, before)
        lost = _keep_lost(found, backup) if losses.records else None
        note(before, to)
        found.execute("DROP TABLE failed")
        found.execute("PRAGMA user_version = 1")
    return Moved(backup, lost)


def _keep_lost(found: sqlite3.Connection, backup: Path) -> Path:
    path = backup.with_name(f"{backup.name}.lost.jsonl")
    with whole_file(path) as file:
        for number, at_ns, origin in found.execute(_FAILED):
            file.write(msgspec.json.encode({"number": number, "at_ns": at_ns, "origin": origin}) + b"\n")
    return path


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    try:
        with closing(sqlite3.connect(path, isolation_level=None)) as found:
            found.execute("PRAGMA synchronous = FULL")
            found.execute("BEGIN IMMEDIATE")
            try:
                yield found
            except BaseException:
                found.execute("ROLLBACK")
                raise
            found.execute("COMMIT")
    except sqlite3.Error as error:
        raise FileDataError(str(path), str(error)) from error
    except OSError as error:
        raise FileDataError(str(path), error.strerror or str(error)) from error
