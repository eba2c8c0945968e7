"""A bench that tries whole lives of orders: what happens, in words, and the journal read back afterwards."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

from engine.clock import NS_PER_MS
from engine.messages.reports import (
    AcceptReport,
    BustReport,
    CancelRejectReport,
    CancelReport,
    CorrectReport,
    ExpireReport,
    LostReport,
    NotFoundReport,
    Refusal,
    RejectReport,
    ReplaceReport,
    StatusReport,
)
from engine.messages.stock import BrokerOrder
from engine.model.account import CurrencyRates
from engine.model.order import OrderStatus, OrderType, TimeInForce
from engine.portfolio.ledger import Ledger
from engine.replica import Replica, connect_ledger, standalone
from engine.risk.halt import TradingHalts
from engine.store.disk import FolderDisk
from engine.store.journal import Durability
from engine.store.reading import JournalReader
from tests.unit.engine.execution_bench import ExecutionBench, terms_of
from tests.unit.engine.paper_bench import SYMBOL

ID = "t-1"
_TIFS = {"ioc": TimeInForce.IOC, "fok": TimeInForce.FOK, "gtc": TimeInForce.GTC, "day": TimeInForce.DAY}


class LifeBench(ExecutionBench):
    """An order manager with a ledger, and the journal's own idea of both."""

    def __init__(self, folder: Path, durability: Durability = "process") -> None:
        super().__init__(folder, durability)
        self.journal.on_durable(self.manager.dispatch.on_durable)
        rates, instruments = CurrencyRates("USD"), {SYMBOL: self.instrument}
        self.ledger = Ledger(instruments, rates)
        connect_ledger(self.bus, self.ledger)
        self.live = Replica(
            bus=self.bus,
            history=self.manager.history,
            ledger=self.ledger,
            halts=TradingHalts(),
            rates=rates,
            instruments=instruments,
            list_instrument=lambda _: None,
        )

    def read_back(self) -> Replica:
        """Return what the journal makes of it all, in a copy with parts of its own."""
        replica = standalone("USD")
        for entry in JournalReader(FolderDisk(self.path)):
            replica.apply(entry.record, entry.sequence, entry.time_ns)
        return replica

    def live_through(self, life: str) -> None:
        """Do what a row of the matrix says: "new 100; ack; fill 40 a; bust a"."""
        for step in life.split(";"):
            word, *rest = step.split()
            self.clock.advance_to(self.clock.now_ns() + 1_000)
            getattr(self, f"_{word}")(*rest)

    @property
    def terms(self) -> str:
        """The order in words: status/quantity/filled/leaves."""
        return "/".join(map(str, terms_of(self.manager.orders[ID])))

    def _new(self, quantity: str, tif: str = "day", kind: str = "limit") -> None:
        self.submit(ID, int(quantity), tif=_TIFS[tif], type=OrderType(kind))

    def _ack(self) -> None:
        self.report(AcceptReport(ID, "V1", 1))

    def _fill(self, quantity: str, fill_id: str = "", price: str = "100", client_id: str = ID) -> None:
        terms: dict[str, Any] = {"fill_id": fill_id} if fill_id else {}
        self.report(self.fill(int(quantity), client_id, price=int(price), **terms))

    def _cancel(self, client_id: str = ID) -> None:
        self.manager.cancel(client_id)

    def _canceled(self) -> None:
        self.report(CancelReport(ID, "", 2))

    def _refused(self) -> None:
        self.report(CancelRejectReport(ID, "too late", 2))

    def _amend(self, quantity: str, limit: str = "") -> None:
        self.manager.amend(ID, int(quantity), int(limit) if limit else None)

    def _replaced(self, quantity: str, limit: str = "100") -> None:
        self.report(ReplaceReport(ID, int(quantity), int(limit), None, 3))

    def _expired(self) -> None:
        self.report(ExpireReport(ID, "the day ended", 3))

    def _rejected(self) -> None:
        self.report(RejectReport(ID, "no", 2))

    def _duplicate(self) -> None:
        self.report(RejectReport(ID, "we have had this id", 2, Refusal.DUPLICATE_ID))

    def _unheard(self) -> None:
        self.report(CancelRejectReport(ID, "no such order", 2, Refusal.UNKNOWN_ORDER))

    def _halt(self) -> None:
        self.gate.halted = "halted"

    def _resume(self) -> None:
        self.gate.halted = ""

    def _begin(self) -> None:
        """Compare with the broker from now on: it is asked for what is in doubt."""
        self.manager.begin(had_history=False)

    def _asks(self) -> None:
        """Let the time pass after which an order in doubt is asked for."""
        self.clock.advance_to(self.clock.now_ns() + 600 * NS_PER_MS)
        assert self.venue.sent[-1][:2] == ("inquire", ID)

    def _tells(self, status: str, filled: str = "0") -> None:
        """Answer what was asked: the order, and the first of its fills that come to what it has filled."""
        order = self.manager.orders[ID]
        fills = list(order.fills)
        while sum(fill.quantity for fill in fills) > int(filled):
            fills.pop()
        theirs = BrokerOrder(
            client_id=ID,
            venue_id="V1",
            symbol=SYMBOL,
            side=order.side,
            quantity=order.request.quantity,
            filled=int(filled),
            status=OrderStatus(status),
            limit=order.request.limit,
        )
        question = next((sent[2] for sent in reversed(self.venue.sent) if sent[:2] == ("inquire", ID)), 0)
        self.report(StatusReport(theirs, tuple(fills), 4, cast("int", question)))

    def _lost(self) -> None:
        self.report(LostReport(ID, "no answer", 2))

    def _missing(self) -> None:
        self.manager.believe(NotFoundReport(ID, 4))

    def _bust(self, fill_id: str) -> None:
        self.report(BustReport(ID, fill_id, "erroneous", 5))

    def _correct(self, fill_id: str, quantity: str, price: str, event_ns: str = "5") -> None:
        terms = {"fill_id": fill_id, "price": int(price), "event_ns": int(event_ns)}
        self.report(CorrectReport(self.fill(int(quantity), ID, **terms).fill))
