"""Journals on this machine's disk to measure, and what they are measured beside: a bare sync, and a database's commit."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp

from engine.messages.events import OrderSubmitted
from engine.model.instrument import Symbol
from engine.model.order import OrderRequest, OrderType
from engine.model.trade import Side
from engine.store.cipher import Cipher
from engine.store.journal import Durability, SegmentJournal, open_journal
from tests.benchmarks.options import ROOT

NOON_NS = 1_767_700_800_000_000_000


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder on the disk that the program is on: what is kept in memory has nothing to sync."""
    (ROOT / "build").mkdir(exist_ok=True)
    folder = Path(mkdtemp(dir=ROOT / "build"))
    try:
        yield folder
    finally:
        rmtree(folder)


@contextmanager
def opened(durability: Durability, cipher: Cipher | None = None) -> Iterator[SegmentJournal]:
    with scratch() as folder, closing(open_journal(folder / "journal", durability, cipher=cipher)) as journal:
        yield journal


def bare(count: int) -> list[float]:
    """Return the microseconds of writing and syncing as many bytes as a record has."""
    with scratch() as folder:
        descriptor = os.open(folder / "bare", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            os.posix_fallocate(descriptor, 0, 4 * 1024 * 1024)
            data = bytes(305)
            return [timed(partial(_write, descriptor, data, at)) for at in range(count)]
        finally:
            os.close(descriptor)


def _write(descriptor: int, data: bytes, at: int) -> None:
    os.pwrite(descriptor, data, at * len(data))
    os.fdatasync(descriptor)


def database(count: int) -> list[float]:
    """Return the microseconds of inserting and committing as many bytes as a record has."""
    with scratch() as folder, closing(sqlite3.connect(folder / "peer.db", isolation_level=None)) as database:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = FULL")
        database.execute("CREATE TABLE records (sequence INTEGER PRIMARY KEY, payload BLOB)")
        data = bytes(305)
        insert = "INSERT INTO records (payload) VALUES (?)"
        return [timed(lambda: database.execute(insert, (data,))) for _ in range(count)]


def timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) * 1e6


def orders(count: int) -> Iterator[OrderSubmitted]:
    for number in range(1, count + 1):
        yield OrderSubmitted(
            OrderRequest(
                client_id=f"bench-{number}",
                number=number,
                account="PAPER-1",
                symbol=Symbol("ACME"),
                side=Side.BUY if number % 2 else Side.SELL,
                quantity=100,
                type=OrderType.LIMIT,
                limit=10_000,
                created_ns=NOON_NS,
                correlation=f"bench-{number}",
            ),
            NOON_NS,
        )
