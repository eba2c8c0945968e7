"""The journal on this machine's disk: an append, a durable record, many at once, and reading it all back."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import statistics
import time
from collections import deque
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
from engine.store.key_ring import KEY_BYTES, Key, KeyRing
from engine.store.reading import JournalReader
from tests.benchmarks.options import ROOT, Options, in_turn
from tests.benchmarks.row import Row, limited

_NOON_NS = 1_767_700_800_000_000_000
_ROUNDS = 5
_EACH, _QUICK_EACH = 200, 20
_BURST, _QUICK_BURST = 50_000, 1_000
_IN_FLIGHT = 256
_READ = (("100 k", 100_000, 0.5), ("1 M", 1_000_000, 5.0))
"""How many records are read back, and the limit in seconds."""


def rows(options: Options) -> list[Row]:
    """Return the rows of writing in both durabilities and of reading back."""
    each = _QUICK_EACH if options.quick else _EACH
    rounds, burst = options.rounds(_ROUNDS), _QUICK_BURST if options.quick else _BURST
    return [
        *_against(rounds, each, 0.5, "p50"),
        *_against(rounds, each, 0.99, "p99"),
        *_many(options.rounds(3), burst, each),
        _asked(options.rounds(3), burst),
        _sealed(rounds, each),
        *_reading(100 if options.quick else 1),
    ]


def _against(rounds: int, each: int, share: float, name: str) -> list[Row]:
    """Return a quantile of one record at a time, beside a bare sync and a database's commit."""

    def quantile(measure: Callable[[int], list[float]]) -> Callable[[], float]:
        return lambda: sorted(measure(each))[int(share * (each - 1))]

    versus = (
        ("strict", quantile(_durable), "write + fdatasync", quantile(_bare), "<= 1.3"),
        ("strict", quantile(_durable), "SQLite commit, WAL, FULL", quantile(_database), "<= 1"),
        ("process", quantile(_appends), "write + fdatasync", quantile(_bare), "<= 0.3"),
        ("process", quantile(_appends), "SQLite commit, WAL, FULL", quantile(_database), "<= 0.2"),
    )
    found = []
    for durability, ours, against, peer, goal in versus:
        pair = in_turn(rounds, ours, peer)
        row = Row(
            name=f"journal, {durability}, one at a time, {name}",
            value=pair.ours,
            unit="us",
            against=f"{against} ({pair.peer:,.0f} us)",
            ratio=pair.ratio,
            goal=goal,
        )
        found.append(row)
    return found


def _many(rounds: int, count: int, each: int) -> Iterator[Row]:
    """Yield orders a second in both durabilities, beside a sync and a commit for each order, in turn."""

    def rate(measure: Callable[[int], list[float]]) -> Callable[[], float]:
        return lambda: each * 1e6 / sum(measure(each))

    ways: tuple[tuple[str, Callable[[int], float]], ...] = (
        (f"journal, strict, {_IN_FLIGHT} in flight", _burst),
        ("journal, process, one after another", _run),
    )
    versus = (
        ("write + fdatasync each", _bare, ">= 10"),
        ("SQLite commit each, WAL, FULL", _database, ">= 10"),
    )
    for name, ours in ways:
        for against, peer, goal in versus:
            pair = in_turn(rounds, partial(_rate, ours, count), rate(peer))
            yield Row(
                name=name,
                value=pair.ours,
                unit="orders/s",
                against=f"{against} ({pair.peer:,.0f} orders/s)",
                ratio=pair.ratio,
                goal=goal,
            )


def _sealed(rounds: int, each: int) -> Row:
    """Return what sealing costs: the median of appends that wait for no disk, sealed and open in turn."""

    def median(cipher: Cipher | None) -> Callable[[], float]:
        return lambda: statistics.median(_appends(each, cipher))

    key = Cipher(KeyRing((Key(bytes(KEY_BYTES)),), "this run"))
    pair = in_turn(rounds, median(key), median(None))
    return Row(
        name="journal, process, sealed, p50",
        value=pair.ours,
        unit="us",
        against=f"the same, not sealed ({pair.peer:.1f} us)",
        ratio=pair.ratio,
        goal="<= 2",
    )


def _reading(divisor: int) -> Iterator[Row]:
    for name, count, limit_s in _READ:
        with _opened("process") as journal:
            for record in _orders(count // divisor):
                journal.append(record, _NOON_NS)
            start = time.perf_counter()
            read = sum(1 for _ in JournalReader(journal.disk))
            taken = time.perf_counter() - start
            assert read == count // divisor
        yield limited(f"journal, {name} records read back", taken, "s", limit_s)


@contextmanager
def _folder() -> Iterator[Path]:
    """A folder on the disk that the program is on: what is kept in memory has nothing to sync."""
    (ROOT / "build").mkdir(exist_ok=True)
    folder = Path(mkdtemp(dir=ROOT / "build"))
    try:
        yield folder
    finally:
        rmtree(folder)


@contextmanager
def _opened(durability: Durability, cipher: Cipher | None = None) -> Iterator[SegmentJournal]:
    with _folder() as folder, closing(open_journal(folder / "journal", durability, cipher=cipher)) as journal:
        yield journal


def _appends(count: int, cipher: Cipher | None = None) -> list[float]:
    """Return the microseconds of each append that waits for no disk."""
    with _opened("process", cipher) as journal:
        return [_timed(partial(journal.append, record, _NOON_NS)) for record in _orders(count)]


def _durable(count: int) -> list[float]:
    """Return the microseconds of each record until a loop in this thread hears that it is durable."""
    with _opened("strict") as journal:
        return asyncio.run(_one_by_one(journal, count))


async def _one_by_one(journal: SegmentJournal, count: int) -> list[float]:
    loop = asyncio.get_running_loop()
    heard = asyncio.Event()

    def tell(_durable: int) -> None:
        loop.call_soon_threadsafe(heard.set)

    journal.on_durable(tell)
    taken = []
    for record in _orders(count):
        heard.clear()
        start = time.perf_counter()
        journal.append(record, _NOON_NS)
        await heard.wait()
        taken.append((time.perf_counter() - start) * 1e6)
    assert not journal.unsynced
    return taken


def _asked(rounds: int, count: int) -> Row:
    rate = max(count / _burst(count) for _ in range(rounds))
    return Row(
        name=f"journal, strict, {_IN_FLIGHT} in flight",
        value=rate,
        unit="orders/s",
        against="100,000 orders/s asked for",
        ratio=rate / 100_000,
        goal=">= 1",
    )


def _rate(work: Callable[[int], float], count: int) -> float:
    return count / work(count)


def _run(count: int) -> float:
    """Return the seconds of appending so many that wait for no disk."""
    records = list(_orders(count))
    with _opened("process") as journal:
        start = time.perf_counter()
        for record in records:
            journal.append(record, _NOON_NS)
        return time.perf_counter() - start


def _burst(count: int) -> float:
    """Return the seconds until all are durable, with so many on their way at a time."""
    records = list(_orders(count))
    with _opened("strict") as journal:
        return asyncio.run(_in_flight(journal, records))


async def _in_flight(journal: SegmentJournal, records: list[OrderSubmitted]) -> float:
    loop = asyncio.get_running_loop()
    done, left = asyncio.Event(), deque(records)

    def go_on(durable: int) -> None:
        while left and journal.sequence - durable < _IN_FLIGHT:
            journal.append(left.popleft(), _NOON_NS)
        if durable == len(records):
            done.set()

    def tell(durable: int) -> None:
        loop.call_soon_threadsafe(go_on, durable)

    journal.on_durable(tell)
    start = time.perf_counter()
    go_on(0)
    await done.wait()
    return time.perf_counter() - start


def _bare(count: int) -> list[float]:
    """Return the microseconds of writing and syncing as many bytes as a record has."""
    with _folder() as folder:
        descriptor = os.open(folder / "bare", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            os.posix_fallocate(descriptor, 0, 4 * 1024 * 1024)
            data = bytes(305)
            return [_timed(partial(_write, descriptor, data, at)) for at in range(count)]
        finally:
            os.close(descriptor)


def _write(descriptor: int, data: bytes, at: int) -> None:
    os.pwrite(descriptor, data, at * len(data))
    os.fdatasync(descriptor)


def _database(count: int) -> list[float]:
    """Return the microseconds of inserting and committing as many bytes as a record has."""
    with _folder() as folder, closing(sqlite3.connect(folder / "peer.db", isolation_level=None)) as database:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = FULL")
        database.execute("CREATE TABLE records (sequence INTEGER PRIMARY KEY, payload BLOB)")
        data = bytes(305)
        insert = "INSERT INTO records (payload) VALUES (?)"
        return [_timed(lambda: database.execute(insert, (data,))) for _ in range(count)]


def _timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) * 1e6


def _orders(count: int) -> Iterator[OrderSubmitted]:
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
                created_ns=_NOON_NS,
                correlation=f"bench-{number}",
            ),
            _NOON_NS,
        )
