"""What an account did, for whoever asks from another shell: reads the projection, whether or not a desk runs.

Beside a sealed journal there is none: it is made in memory, out of the journal.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator, Mapping
from contextlib import closing, contextmanager
from itertools import islice
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from engine.errors import ConfigError
from engine.folders import Folders
from engine.projector import Projector
from engine.replica import standalone
from engine.store.accounts import accounts_in, is_account
from engine.store.cipher import Cipher
from engine.store.disk import FolderDisk
from engine.store.projection import Projection
from engine.store.reading import JournalReader
from engine.store.scan import last_record

_BATCH = 2_000

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


class Sealed(NamedTuple):
    """What it takes to read an account whose journal is sealed."""

    cipher: Cipher
    base_currency: str


def past_of(
    folders: Folders,
    what: str,
    *,
    symbol: str | None = None,
    limit: int = 20,
    mode: str | None = None,
    sealed: Sealed | None = None,
) -> list[dict[str, Any]]:
    """Return the latest rows of what is asked for, newest first; out of the journal itself where it is sealed.

    Raises:
        ConfigError: there is no history yet, several accounts have one, or it can't be read.
        FileDataError: the journal is damaged, or sealed with a key that is not at hand.
    """
    return answers(folders, {what: QUERIES[what]}, (symbol, limit), mode=mode, sealed=sealed)[what]


def answers(
    folders: Folders,
    queries: Mapping[str, str],
    parameters: tuple[object, ...],
    *,
    mode: str | None = None,
    sealed: Sealed | None = None,
) -> dict[str, list[dict[str, Any]]]:
    """Return the rows that each query finds, by its name; every query gets the same parameters.

    Raises:
        ConfigError: as of `past_of`.
        FileDataError: as of `past_of`.
    """
    if sealed is not None:
        return _unsealed(_journal(folders, mode), sealed, queries, parameters)
    with _read(_database(folders, mode)) as connection:
        return {name: list(_named(connection.execute(query, parameters))) for name, query in queries.items()}


def _named(cursor: sqlite3.Cursor) -> Iterator[dict[str, Any]]:
    names = [column[0] for column in cursor.description]
    yield from (dict(zip(names, row, strict=True)) for row in cursor)


def account_of(folders: Folders, mode: str | None = None, *, sealed: bool = False) -> str:
    """Return the account that is meant: `sim`, or `paper-alpaca-PAPER-1`.

    Raises:
        ConfigError: there is no history yet, or several accounts have one.
    """
    return _journal(folders, mode).name if sealed else _database(folders, mode).stem


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


def _unsealed(
    journal: Path, sealed: Sealed, queries: Mapping[str, str], parameters: tuple[object, ...]
) -> dict[str, list[dict[str, Any]]]:
    """Project a journal in memory, and ask that: nothing of it is left open on the disk."""
    projection, projector = Projection(None).open(), Projector(standalone(sealed.base_currency))
    try:
        entries = iter(JournalReader(FolderDisk(journal, sealed.cipher)))
        while rows := projector.take(islice(entries, _BATCH)):
            projection.write(rows, projector.replica.sequence)
        return {name: projection.rows(query, parameters) for name, query in queries.items()}
    finally:
        projection.close()


def _journal(folders: Folders, mode: str | None) -> Path:
    """Return the folder of the journal that is meant."""
    kept = accounts_in(folders.data / "journal")
    return folders.data / "journal" / _chosen(kept, mode)


@contextmanager
def _read(path: Path) -> Iterator[sqlite3.Connection]:
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            yield connection
    except UnicodeEncodeError as error:
        raise ConfigError("expected text, found bytes that are none") from error
    except sqlite3.Error as error:
        raise ConfigError(
            f"{path}: {error}; it is made again from the journal once it is removed and a desk is opened"
        ) from error


def _database(folders: Folders, mode: str | None) -> Path:
    kept = {path.stem: path for path in sorted(folders.data.glob("*.sqlite3")) if is_account(path.stem)}
    return kept[_chosen(kept, mode)]


def _chosen(kept: Collection[str], mode: str | None) -> str:
    if mode is None and len(kept) > 1:
        raise ConfigError(f"several accounts have a history: say --mode {' or '.join(kept)}")
    name = mode if mode is not None else next(iter(kept), None)
    if name is None or name not in kept:
        account = f"the {mode} account" if mode is not None else "any account"
        raise ConfigError(
            f"no history of {account} yet: it is written while a desk is open; `touchline` opens one"
        )
    return name
