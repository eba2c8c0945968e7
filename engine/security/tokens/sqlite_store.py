"""Revoked tokens in a file, for a desk that shares nothing."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Final, TypeVar

from engine.clock import NS_PER_S, Clock
from engine.errors import TransientError
from engine.ports.revocations import Revoked, RevokedNow, Turn, What
from engine.ports.tracing import OFF, Kind, Tracer

T = TypeVar("T")

BUSY_MS: Final = 2_000
"""How long another process may hold the file."""
LOOK_S: Final = 0.5
"""How often to look, so that open connections end within a second."""
_TABLES: Final = """
CREATE TABLE IF NOT EXISTS revoked (
    what TEXT NOT NULL, name TEXT NOT NULL, before_s INTEGER NOT NULL, until_s INTEGER NOT NULL,
    PRIMARY KEY (what, name, before_s)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS families (
    family TEXT PRIMARY KEY, token TEXT NOT NULL, until_s INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
"""
_ADD: Final = """
INSERT INTO revoked (what, name, before_s, until_s) VALUES (?, ?, ?, ?)
ON CONFLICT DO UPDATE SET until_s = max(until_s, excluded.until_s)
"""


class SqliteRevocations:
    """Keeps them in one file that only its owner may read; every call is done in a thread."""

    def __init__(self, path: Path, clock: Clock, tracer: Tracer = OFF) -> None:
        self._path = path
        self._clock = clock
        self._tracer = tracer
        self._lock = Lock()
        self._connection: sqlite3.Connection | None = None

    async def add(self, entries: Sequence[Revoked]) -> None:
        """Keep these until their time is over."""
        await self._do(lambda connection: self._add(connection, entries))

    async def read(self, known: str) -> RevokedNow | None:
        """Return all that is kept, or None while it is still the version that is known."""
        return await self._do(lambda connection: self._read(connection, known))

    async def begin_family(self, family: str, token: str, until_s: int) -> None:
        """Keep the first refresh token of a sign-in."""

        def begin(connection: sqlite3.Connection) -> None:
            connection.execute("INSERT INTO families VALUES (?, ?, ?)", (family, token, until_s))
            connection.execute("DELETE FROM families WHERE until_s <= ?", (self._now_s(),))

        await self._do(begin)

    async def turn_family(self, family: str, spent: str, fresh: str, if_replayed: Revoked) -> Turn:
        """Put a fresh refresh token in the place of the one that is spent, in one step."""

        def turn(connection: sqlite3.Connection) -> Turn:
            asked = (family, self._now_s())
            row = connection.execute(
                "SELECT token FROM families WHERE family = ? AND until_s > ?", asked
            ).fetchone()
            if row is None:
                return Turn.GONE
            if row[0] == spent:
                connection.execute("UPDATE families SET token = ? WHERE family = ?", (fresh, family))
                return Turn.TURNED
            connection.execute("DELETE FROM families WHERE family = ?", (family,))
            self._add(connection, [if_replayed])
            return Turn.REPLAYED

        return await self._do(turn)

    async def news(self, patience_s: float) -> None:
        """Return when it is time to look again: nobody tells what another process added."""
        await asyncio.sleep(min(patience_s, LOOK_S))

    async def close(self) -> None:
        """Close the file."""
        await asyncio.to_thread(self._close)

    def _add(self, connection: sqlite3.Connection, entries: Sequence[Revoked]) -> None:
        rows = [(entry.what, entry.name, entry.before_s, entry.until_s) for entry in entries]
        connection.executemany(_ADD, rows)
        connection.execute("DELETE FROM revoked WHERE until_s <= ?", (self._now_s(),))

    def _read(self, connection: sqlite3.Connection, known: str) -> RevokedNow | None:
        (others,) = connection.execute("PRAGMA data_version").fetchone()
        version = f"{others}.{connection.total_changes}"
        if version == known:
            return None
        rows = connection.execute(
            "SELECT what, name, until_s, before_s FROM revoked WHERE until_s > ?", (self._now_s(),)
        )
        return RevokedNow(version, tuple(Revoked(What(what), *rest) for what, *rest in rows))

    async def _do(self, work: Callable[[sqlite3.Connection], T]) -> T:
        if not self._tracer.is_on or self._tracer.current is None:  # nobody asked for this look
            return await asyncio.to_thread(self._locked, work)
        about = {"db.system.name": "sqlite", "db.namespace": self._path.name}
        with self._tracer.span("sqlite revocations", Kind.CLIENT, about):
            return await asyncio.to_thread(self._locked, work)

    def _locked(self, work: Callable[[sqlite3.Connection], T]) -> T:
        with self._lock:
            try:
                connection = self._open()
                with _transaction(connection):
                    return work(connection)
            except (sqlite3.Error, OSError) as error:
                raise TransientError(f"{self._path.name}: {error}") from error

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.close(os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600))
            self._connection = _opened(self._path)
        return self._connection

    def _close(self) -> None:
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _now_s(self) -> int:
        return self._clock.now_ns() // NS_PER_S


def _opened(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=BUSY_MS / 1_000, isolation_level=None, check_same_thread=False)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.executescript(_TABLES)
    except BaseException:
        connection.close()
        raise
    return connection


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Take the file for writing from the first line on, so that what was read still holds when it is written."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")
