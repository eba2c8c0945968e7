"""What an account did, for whoever asks from another shell: reads the projection, whether or not a desk runs."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any

from engine.errors import ConfigError
from engine.folders import Folders
from engine.store.disk import FolderDisk
from engine.store.scan import last_record

QUERIES: Mapping[str, str] = MappingProxyType(
    {
        "orders": (
            "SELECT number, symbol, side, quantity, type, limit_price, status, filled, average_price, strategy, "
            "origin, reason, updated_ns AS time_ns FROM orders WHERE ?1 IS NULL OR symbol = ?1 "
            "ORDER BY created_ns DESC, number DESC LIMIT ?2"
        ),
        "fills": (
            "SELECT fill_id, symbol, side, quantity, price, fee, fee_currency, liquidity, busted, event_ns AS time_ns "
            "FROM fills WHERE ?1 IS NULL OR symbol = ?1 ORDER BY event_ns DESC, fill_id DESC LIMIT ?2"
        ),
        "audit": (
            "SELECT sequence, kind, client_id, symbol, body, time_ns FROM audit "
            "WHERE ?1 IS NULL OR symbol = ?1 ORDER BY sequence DESC LIMIT ?2"
        ),
    }
)
"""What can be asked for; parameters are a symbol, or none for all of them, and how many rows at most."""


def past_of(
    folders: Folders, what: str, *, symbol: str | None = None, limit: int = 20, mode: str | None = None
) -> list[dict[str, Any]]:
    """Return the latest rows of what is asked for, newest first.

    Raises:
        ConfigError: there is no history yet, several accounts have one, or it can't be read.
    """
    path = _database(folders, mode)
    with _read(path) as connection:
        cursor = connection.execute(QUERIES[what], (symbol, limit))
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor]


def behind(folders: Folders, mode: str | None = None) -> int:
    """Return how many of the journal's records are not in the projection yet.

    Raises:
        EngineError: there is no history, several accounts have one, or it or the journal can't be read.
    """
    path = _database(folders, mode)
    journal = folders.data / "journal" / path.stem
    if not journal.is_dir():
        return 0
    with _read(path) as connection:
        shown: int = connection.execute("SELECT sequence FROM projected").fetchone()[0]
    return max(0, last_record(FolderDisk(journal)) - shown)


@contextmanager
def _read(path: Path) -> Iterator[sqlite3.Connection]:
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            yield connection
    except sqlite3.Error as error:
        raise ConfigError(
            f"{path}: {error}; it is made again from the journal once it is removed and a desk is opened"
        ) from error


def _database(folders: Folders, mode: str | None) -> Path:
    kept = {path.stem: path for path in sorted(folders.data.glob("*.sqlite3"))}
    if mode is None and len(kept) > 1:
        raise ConfigError(f"several accounts have a history: say --mode {' or '.join(kept)}")
    path = kept.get(mode) if mode is not None else next(iter(kept.values()), None)
    if path is None:
        account = f"the {mode} account" if mode is not None else "any account"
        raise ConfigError(
            f"no history of {account} yet: it is written while a desk is open; `touchline` opens one"
        )
    return path
