"""An account brought back at a start: from all its records, and from a snapshot with the few behind it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp

from msgspec import Struct

from engine.account.recovery import read_back
from engine.clock import NS_PER_S
from engine.messages.events import InstrumentListed, OrderSubmitted, SessionBegan
from engine.messages.reports import AcceptReport, FillReport
from engine.model.fill import Fill
from engine.model.instrument import Symbol
from engine.model.order import OrderRequest, OrderType
from engine.model.trade import Side
from engine.replica import standalone
from engine.store.disk import Disk, FolderDisk
from engine.store.journal import open_journal
from engine.store.reading import JournalReader
from engine.store.snapshots import Snapshots
from tests.benchmarks.options import ROOT, Options
from tests.benchmarks.row import Row, limited
from tests.engine_rooms import share

_RECORDS, _QUICK_RECORDS = 1_000_000, 3_000
_CURVE, _QUICK_CURVE = (100_000, 300_000, 1_000_000), (1_000, 3_000)
_BEHIND = 1_000
"""The records behind the snapshot."""
_SYMBOL = Symbol("ACME")
_NOON_NS = 1_767_700_800_000_000_000
_DAY_NS = 86_400 * NS_PER_S
_DAYS = 50
"""Over how many days the records are spread: orders that ended long ago are out of sight."""
_SPREADS = (_DAYS, 1)
"""The spreads of the curve: most orders out of sight, and every order in sight."""
_LIMIT_S, _SNAPSHOT_LIMIT_S = 30.0, 3.0


def rows(options: Options) -> list[Row]:
    """Return the rows of a start without a snapshot beside a bare decoding, and of the curve with one."""
    count = _QUICK_RECORDS if options.quick else _RECORDS
    with _journal(count, _DAYS) as disk:
        bare_s = _timed(lambda: sum(1 for _ in JournalReader(disk)))
        whole_s = _timed(lambda: _start(disk, count))
    against = f"the records decoded alone ({bare_s:.3g} s)"
    return [
        limited(f"start from {count:,} records", whole_s, "s", _LIMIT_S),
        Row(
            name=f"start from {count:,} records",
            value=whole_s,
            unit="s",
            against=against,
            ratio=whole_s / bare_s,
            goal="<= 8",
        ),
        *(
            _with_snapshot(each, days)
            for days in _SPREADS
            for each in (_QUICK_CURVE if options.quick else _CURVE)
        ),
    ]


def _with_snapshot(count: int, days: int) -> Row:
    with _journal(count, days) as disk:
        _snapshot(disk, count - min(_BEHIND, count // 3))
        begun_s = _timed(lambda: _start(disk, count))
    spread = "one day" if days == 1 else f"{days} days"
    return limited(f"start from {count:,} records over {spread}, snapshot", begun_s, "s", _SNAPSHOT_LIMIT_S)


@contextmanager
def _journal(count: int, days: int) -> Iterator[Disk]:
    """A journal of so many records on the disk that the program is on."""
    (ROOT / "build").mkdir(exist_ok=True)
    folder = Path(mkdtemp(dir=ROOT / "build"))
    try:
        journal = open_journal(folder / "journal", "process")
        for record, time_ns in islice(_records(count, days), count):
            journal.append(record, time_ns)
        journal.close()
        yield FolderDisk(folder / "journal")
    finally:
        rmtree(folder)


def _records(count: int, days: int) -> Iterator[tuple[Struct, int]]:
    """Yield the terms of a share and, day after day, orders that are sent, accepted and filled; with their times."""
    yield InstrumentListed(share(_SYMBOL)), _NOON_NS
    each = max(1, count // days // 3)
    for number in range(1, count):
        now_ns = _NOON_NS + number // each * _DAY_NS
        if number % each == 0:
            yield SessionBegan(f"run-{number}", "1", now_ns, number), now_ns
        for record in _life(number, now_ns):
            yield record, now_ns


def _life(number: int, now_ns: int) -> Iterator[Struct]:
    client_id, side = f"bench-{number}", Side.BUY if number % 2 else Side.SELL
    request = OrderRequest(
        client_id=client_id,
        number=number,
        account="PAPER-1",
        symbol=_SYMBOL,
        side=side,
        quantity=100,
        type=OrderType.LIMIT,
        limit=10_000,
        created_ns=now_ns,
        correlation=client_id,
    )
    yield OrderSubmitted(request, now_ns)
    yield AcceptReport(client_id, f"V{number}", now_ns)
    yield FillReport(
        Fill(
            fill_id=f"F{number}",
            client_id=client_id,
            account="PAPER-1",
            symbol=_SYMBOL,
            side=side,
            price=10_000,
            quantity=100,
            event_ns=now_ns,
        )
    )


def _snapshot(disk: Disk, sequence: int) -> None:
    replica = standalone("USD")
    for entry in JournalReader(disk):
        replica.apply(entry.record, entry.sequence, entry.time_ns)
        if entry.sequence == sequence:
            break
    Snapshots(disk).write(replica.capture())


def _start(disk: Disk, count: int) -> None:
    replica = standalone("USD")
    read_back(replica, disk)
    assert replica.sequence == count


def _timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start
