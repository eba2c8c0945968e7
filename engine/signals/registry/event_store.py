"""Where events are kept: a table that only grows, in SQLite, for its owner alone and by one writer at a time."""

from __future__ import annotations

import os
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

import msgspec

from engine.model.undecodable import UNDECODABLE
from engine.signals.models.refusal import ModelRefused
from engine.signals.registry.events import Deed, Event, chained, check_event
from engine.signals.registry.manifest import Seal
from engine.signals.registry.witness import Witness, check_reaches, nothing_told

FILE: Final = "models.sqlite3"
_PATIENCE_S: Final = 5.0
_VERSION: Final = 1
_OPEN: Final = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
_COUNTER: Final = slice(24, 28)
"""Where the header of an SQLite file counts its changes."""
_TABLE: Final = (
    "CREATE TABLE stage_event (number INTEGER PRIMARY KEY, name TEXT NOT NULL, event BLOB NOT NULL) STRICT",
    "CREATE TRIGGER events_stay BEFORE DELETE ON stage_event BEGIN SELECT RAISE(ABORT, 'events stay'); END",
    "CREATE TRIGGER events_hold BEFORE UPDATE ON stage_event BEGIN SELECT RAISE(ABORT, 'events hold'); END",
    f"PRAGMA user_version = {_VERSION}",
)
_decode: Final = msgspec.json.Decoder(Event).decode
Stamp = tuple[int, int, bytes]


class EventStore:
    """The events of every name; no connection outlives a call."""

    def __init__(self, path: Path, seal: Seal, witness: Witness = nothing_told) -> None:
        self.path = path
        self._seal = seal
        self._witness = witness

    def stamp(self) -> Stamp | None:
        """Return what is another after each change of the file, None where there is none."""
        try:
            descriptor = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
        except OSError:
            return None
        try:
            found = os.fstat(descriptor)
            return found.st_ino, found.st_mtime_ns, os.pread(descriptor, _COUNTER.stop, 0)[_COUNTER]
        except OSError:
            return None
        finally:
            os.close(descriptor)

    def events(self) -> list[Event]:
        """Return every event, each held against the one before it.

        Raises:
            ModelRefused: the file is not ours alone, not what was written, or not all that was.
        """
        told = self._witness()  # before they are read, so that it can't be ahead of them
        if not os.path.lexists(self.path):
            check_reaches((), told)
            return []
        with self._open("BEGIN DEFERRED") as found:
            events = self._read(found)
        check_reaches(events, told)
        return events

    @contextmanager
    def appending(self) -> Iterator[Appender]:
        """Hold off every other writer; what is appended is there whole when this ends, or not at all.

        Raises:
            ModelRefused: the file is not ours alone, not what was written or not all of it, or can't be written.
        """
        with self._open("BEGIN IMMEDIATE") as found:
            events = self._read(found)
            check_reaches(events, self._witness())
            yield Appender(found, events, self._seal)

    @contextmanager
    def _open(self, begin: str) -> Iterator[sqlite3.Connection]:
        try:
            self._make()
            with closing(sqlite3.connect(self.path, timeout=_PATIENCE_S, isolation_level=None)) as found:
                found.execute("PRAGMA trusted_schema = OFF")
                found.execute("PRAGMA synchronous = FULL")
                self._check_version(found)
                found.execute(begin)
                try:
                    yield found
                except BaseException:
                    if found.in_transaction:  # a full disk ends it by itself
                        found.execute("ROLLBACK")
                    raise
                found.execute("COMMIT")
        except sqlite3.Error as error:
            raise ModelRefused(f"{self.path}: {error}") from error
        except OSError as error:
            raise ModelRefused(f"{self.path}: {error.strerror or error}") from error

    def _make(self) -> None:
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(self.path, _OPEN, 0o600)
        try:
            found = os.fstat(descriptor)
        finally:
            os.close(descriptor)
        if not stat.S_ISREG(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o077:
            raise ModelRefused(f"{self.path}: expected a file that only you may read or change; chmod 600 it")

    def _check_version(self, found: sqlite3.Connection) -> None:
        (version,) = found.execute("PRAGMA user_version").fetchone()
        if version == _VERSION:
            return
        found.execute("BEGIN IMMEDIATE")
        (version,) = found.execute("PRAGMA user_version").fetchone()
        if version not in {0, _VERSION}:
            raise ModelRefused(f"{self.path}: expected a registry of version {_VERSION}, found {version}")
        for statement in _TABLE if version == 0 else ():
            found.execute(statement)
        found.execute("COMMIT")

    def _read(self, found: sqlite3.Connection) -> list[Event]:
        events: list[Event] = []
        for number, name, content in found.execute(
            "SELECT number, name, event FROM stage_event ORDER BY number"
        ):
            event = _event(content, number)
            check_event(event, events[-1] if events else None, self._seal)
            if (number, name) != (event.number, event.name):
                raise ModelRefused(f"the registry, event {number}: it was changed since it was written")
            events.append(event)
        return events


class Appender:
    """Puts events behind the last one, as long as nobody else can."""

    def __init__(self, connection: sqlite3.Connection, events: list[Event], seal: Seal) -> None:
        self.events = events
        self._connection = connection
        self._seal = seal

    def append(self, deed: Deed, time_ns: int) -> Event:
        """Append a deed."""
        event = chained(deed, time_ns, self.events[-1] if self.events else None, self._seal)
        self._connection.execute(
            "INSERT INTO stage_event (number, name, event) VALUES (?, ?, ?)",
            (event.number, event.name, event.line()),
        )
        self.events.append(event)
        return event


def unproven_events(path: Path) -> list[Event]:
    """Return the events as they stand there, held against no key: to be listed or copied, never to be believed.

    Raises:
        ModelRefused: the file is no registry.
    """
    if not path.exists():
        return []
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as found:
            rows = found.execute("SELECT number, event FROM stage_event ORDER BY number").fetchall()
    except sqlite3.Error as error:
        raise ModelRefused(f"{path}: {error}") from error
    return [_event(content, number) for number, content in rows]


def _event(content: bytes, number: int) -> Event:
    try:
        event = _decode(content)
        event.move()
    except (*UNDECODABLE, ValueError, TypeError):
        raise ModelRefused(f"the registry, event {number}: it is no event any more") from None
    return event
