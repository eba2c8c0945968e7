"""The projection: orders, fills, positions, the audit trail and bars in SQLite, for whoever asks about them.

It is written in batches by one thread and can be made again from the journal at any time.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

from engine.ports.tracing import OFF, Kind, Tracer
from engine.store.rows import Table
from engine.store.schema import PRAGMAS, TABLES, VERSION

_NOT_ITS_FAULT = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_READONLY,
    }
)
"""What may be over soon, and says nothing about the file: it stays."""


class Projection:
    """One database file; every statement has parameters, and a batch is there whole or not at all."""

    def __init__(self, path: Path | None, tracer: Tracer = OFF) -> None:
        """Take the file; without one it is kept in memory."""
        self.path = path
        self._tracer = tracer
        self._connection: sqlite3.Connection | None = None
        self.sequence = 0
        """The last record of the journal that it shows."""

    def open(self) -> Projection:
        """Open the file; one that is damaged, or of another version, is made anew.

        Raises:
            sqlite3.Error: it can't be made.
        """
        try:
            self._open()
        except sqlite3.DatabaseError as error:
            self.close()
            if getattr(error, "sqlite_errorcode", 0) & 0xFF in _NOT_ITS_FAULT:
                raise
            self._remove()
            self._open()
        return self

    def write(self, rows: Iterable[tuple[Table, tuple[object, ...]]], sequence: int) -> None:
        """Write rows and the sequence they bring the projection to, in one transaction.

        Raises:
            sqlite3.Error: nothing of it was written.
        """
        if not self._tracer.is_on:
            self._write(rows, sequence)
            return
        about = {"db.system.name": "sqlite", "db.namespace": self.path.name if self.path else ":memory:"}
        with self._tracer.span("sqlite projection", Kind.CLIENT, about) as span:
            self._write(rows, sequence)
            span.attributes["touchline.records"] = sequence

    def _write(self, rows: Iterable[tuple[Table, tuple[object, ...]]], sequence: int) -> None:
        connection = self._live()
        with connection:
            connection.execute("BEGIN IMMEDIATE")
            for table, values in rows:
                connection.execute(table.upsert, values)
            connection.execute("UPDATE projected SET sequence = ?", (sequence,))
        self.sequence = sequence

    def begin_again(self) -> None:
        """Empty it, to be filled from the journal's beginning."""
        self.close()
        self._remove()
        self._open()

    def rows(self, query: str, parameters: tuple[object, ...] = ()) -> list[dict[str, Any]]:
        """Return what a query with parameters finds, each row by its columns' names."""
        cursor = self._live().execute(query, parameters)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor]

    def close(self) -> None:
        """Let go of the file."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _live(self) -> sqlite3.Connection:
        assert self._connection is not None, "open it first"
        return self._connection

    def _open(self) -> None:
        connection = sqlite3.connect(self.path or ":memory:", isolation_level=None, check_same_thread=False)
        self._connection = connection
        if self.path is not None:
            self.path.chmod(0o600)
        for pragma in PRAGMAS:
            connection.execute(pragma)
        if not connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'projected'").fetchone():
            connection.executescript(TABLES)
            connection.execute("INSERT INTO projected VALUES (1, ?, 0)", (VERSION,))
        (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
        found = connection.execute("SELECT sequence FROM projected WHERE version = ?", (VERSION,)).fetchone()
        if verdict != "ok" or found is None:
            raise sqlite3.DatabaseError(f"{self.path}: {verdict}, not of version {VERSION}")
        (self.sequence,) = found

    def _remove(self) -> None:
        if self.path is not None:
            remove_database(self.path)


def remove_database(path: Path) -> None:
    """Take a database away, with what SQLite keeps beside it."""
    for suffix in ("", "-wal", "-shm"):
        with suppress(FileNotFoundError):
            Path(f"{path}{suffix}").unlink()
