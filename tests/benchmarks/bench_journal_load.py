"""The journal on this machine's disk under load: many records at once, and reading them all back."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Iterator
from functools import partial

from engine.messages.events import OrderSubmitted
from engine.store.journal import SegmentJournal
from engine.store.reading import JournalReader
from tests.benchmarks.journals import NOON_NS, bare, database, opened, orders
from tests.benchmarks.options import Options, in_turn
from tests.benchmarks.row import Row, limited

_ROUNDS = 3
_EACH, _QUICK_EACH = 200, 20
_BURST, _QUICK_BURST = 50_000, 1_000
_IN_FLIGHT = 256
_READ = (("100 k", 100_000, 0.5), ("1 M", 1_000_000, 5.0))
"""How many records are read back, and the limit in seconds."""


def rows(options: Options) -> list[Row]:
    """Return the rows of writing many in both durabilities and of reading back."""
    each = _QUICK_EACH if options.quick else _EACH
    rounds, burst = options.rounds(_ROUNDS), _QUICK_BURST if options.quick else _BURST
    return [*_many(rounds, burst, each), _asked(rounds, burst), *_reading(100 if options.quick else 1)]


def _many(rounds: int, count: int, each: int) -> Iterator[Row]:
    """Yield orders a second in both durabilities, beside a sync and a commit for each order, in turn."""

    def rate(measure: Callable[[int], list[float]]) -> Callable[[], float]:
        return lambda: each * 1e6 / sum(measure(each))

    ways: tuple[tuple[str, Callable[[int], float]], ...] = (
        (f"journal, strict, {_IN_FLIGHT} in flight", _burst),
        ("journal, process, one after another", _run),
    )
    versus = (
        ("write + fdatasync each", bare, ">= 10"),
        ("SQLite commit each, WAL, FULL", database, ">= 10"),
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


def _reading(divisor: int) -> Iterator[Row]:
    for name, count, limit_s in _READ:
        with opened("process") as journal:
            for record in orders(count // divisor):
                journal.append(record, NOON_NS)
            start = time.perf_counter()
            read = sum(1 for _ in JournalReader(journal.disk))
            taken = time.perf_counter() - start
            assert read == count // divisor
        yield limited(f"journal, {name} records read back", taken, "s", limit_s)


def _run(count: int) -> float:
    """Return the seconds of appending so many that wait for no disk."""
    records = list(orders(count))
    with opened("process") as journal:
        start = time.perf_counter()
        for record in records:
            journal.append(record, NOON_NS)
        return time.perf_counter() - start


def _burst(count: int) -> float:
    """Return the seconds until all are durable, with so many on their way at a time."""
    records = list(orders(count))
    with opened("strict") as journal:
        return asyncio.run(_in_flight(journal, records))


async def _in_flight(journal: SegmentJournal, records: list[OrderSubmitted]) -> float:
    loop = asyncio.get_running_loop()
    done, left = asyncio.Event(), deque(records)

    def go_on(durable: int) -> None:
        while left and journal.sequence - durable < _IN_FLIGHT:
            journal.append(left.popleft(), NOON_NS)
        if durable == len(records):
            done.set()

    def tell(durable: int) -> None:
        loop.call_soon_threadsafe(go_on, durable)

    journal.on_durable(tell)
    start = time.perf_counter()
    go_on(0)
    await done.wait()
    return time.perf_counter() - start
