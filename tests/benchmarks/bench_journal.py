"""A lone record in the journal on this machine's disk: an append, one that is durable, one that is sealed."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Callable
from functools import partial

from engine.store.cipher import Cipher
from engine.store.journal import SegmentJournal
from engine.store.key_ring import KEY_BYTES, Key, KeyRing
from tests.benchmarks.journals import NOON_NS, bare, database, opened, orders, timed
from tests.benchmarks.options import Options, in_turn
from tests.benchmarks.row import Row

_ROUNDS = 5
_EACH, _QUICK_EACH = 200, 20


def rows(options: Options) -> list[Row]:
    """Return the rows of one record at a time in both durabilities."""
    each, rounds = _QUICK_EACH if options.quick else _EACH, options.rounds(_ROUNDS)
    return [*_against(rounds, each, 0.5, "p50"), *_against(rounds, each, 0.99, "p99"), _sealed(rounds, each)]


def _against(rounds: int, each: int, share: float, name: str) -> list[Row]:
    """Return a quantile of one record at a time, beside a bare sync and a database's commit."""

    def quantile(measure: Callable[[int], list[float]]) -> Callable[[], float]:
        return lambda: sorted(measure(each))[int(share * (each - 1))]

    versus = (
        ("strict", quantile(_durable), "write + fdatasync", quantile(bare), "<= 1.3"),
        ("strict", quantile(_durable), "SQLite commit, WAL, FULL", quantile(database), "<= 1"),
        ("process", quantile(_appends), "write + fdatasync", quantile(bare), "<= 0.3"),
        ("process", quantile(_appends), "SQLite commit, WAL, FULL", quantile(database), "<= 0.2"),
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


def _appends(count: int, cipher: Cipher | None = None) -> list[float]:
    """Return the microseconds of each append that waits for no disk."""
    with opened("process", cipher) as journal:
        return [timed(partial(journal.append, record, NOON_NS)) for record in orders(count)]


def _durable(count: int) -> list[float]:
    """Return the microseconds of each record until a loop in this thread hears that it is durable."""
    with opened("strict") as journal:
        return asyncio.run(_one_by_one(journal, count))


async def _one_by_one(journal: SegmentJournal, count: int) -> list[float]:
    loop = asyncio.get_running_loop()
    heard = asyncio.Event()

    def tell(_durable: int) -> None:
        loop.call_soon_threadsafe(heard.set)

    journal.on_durable(tell)
    taken = []
    for record in orders(count):
        heard.clear()
        start = time.perf_counter()
        journal.append(record, NOON_NS)
        await heard.wait()
        taken.append((time.perf_counter() - start) * 1e6)
    assert not journal.unsynced
    return taken
