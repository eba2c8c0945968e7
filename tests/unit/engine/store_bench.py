"""Records, and a journal's folder, to try the store on."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from msgspec import Struct

from engine.messages.commands import CancelOrder
from engine.messages.events import Denial, OrderDenied, OrderSubmitted
from engine.messages.reports import AcceptReport, FillReport, ReplaceReport
from engine.model.fill import Fill, Liquidity
from engine.model.instrument import Symbol
from engine.model.order import OrderRequest, OrderType
from engine.model.trade import Side
from engine.store.disk import FolderDisk
from engine.store.journal import open_journal
from engine.store.reading import Entry, JournalReader

SYMBOL = Symbol("ACME")
NOON_NS = 1_767_700_800_000_000_000


def request(number: int) -> OrderRequest:
    """Return a stop-limit buy with every kind of value in it."""
    return OrderRequest(
        client_id=f"t-{number}",
        number=number,
        account="PAPER-1",
        symbol=SYMBOL,
        side=Side.BUY,
        quantity=100,
        type=OrderType.STOP_LIMIT,
        limit=10_000,
        stop=9_990,
        created_ns=NOON_NS,
        correlation=f"t-{number}",
    )


RECORDS: tuple[Struct, ...] = (
    OrderSubmitted(request(1), 17),
    AcceptReport("t-1", "V1", 18),
    FillReport(
        Fill(
            fill_id="F1",
            client_id="t-1",
            account="A",
            symbol=SYMBOL,
            side=Side.SELL,
            price=10**14,
            quantity=3,
            fee_micros=-5,
            fee_currency="USD",
            liquidity=Liquidity.MAKER,
        )
    ),
    ReplaceReport("t-1", 5, None, 7, 19),
    CancelOrder("t-1", "line"),
    OrderDenied(request(2), (Denial("position_limit", "position would be 3,200, limit 2,000"),), 0),
)
"""The last one ends with a zero byte."""


def write(folder: Path, records: Iterable[Struct] = RECORDS, segment_bytes: int = 4096) -> None:
    """Append records to the journal in a folder and close it; the n-th is written at the time n."""
    with_journal = open_journal(folder, segment_bytes=segment_bytes)
    for record in records:
        with_journal.append(record, with_journal.sequence + 1)
    with_journal.close()


def entries(folder: Path, after: int = 0) -> list[Entry]:
    """Return what is in the journal in a folder."""
    return list(JournalReader(FolderDisk(folder), after))


def records(folder: Path) -> list[Struct]:
    """Return the records alone."""
    return [entry.record for entry in entries(folder)]
