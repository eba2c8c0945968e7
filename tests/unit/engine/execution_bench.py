"""A bench to try the order manager on: a gate and a venue that say what a test tells them to."""

from __future__ import annotations

import errno
from collections.abc import Callable
from pathlib import Path
from shutil import rmtree
from typing import Any, TypeVar

from engine.bus import Bus
from engine.clock import SimulatedClock
from engine.execution.order_manager import OrderManager
from engine.messages.events import (
    AlertRaised,
    AmendDenied,
    Denial,
    FillBusted,
    FillCorrected,
    OrderChanged,
    OrderDenied,
    OrderFilled,
    OrderSubmitted,
)
from engine.messages.reports import AcceptReport, FillReport
from engine.model.fill import Fill
from engine.model.instrument import Symbol
from engine.model.order import Order, OrderRequest, OrderStatus, OrderType
from engine.model.position import Position
from engine.model.trade import Side
from engine.model.working_orders import WorkingOrders
from engine.ports.broker import ReportSink
from engine.store.disk import FolderDisk, FolderFile
from engine.store.journal import Durability, SegmentJournal
from tests.journals import SMALL, kinds_of
from tests.unit.engine.paper_bench import START_NS, SYMBOL, make_instrument

_EVENTS = (
    OrderSubmitted,
    OrderDenied,
    AmendDenied,
    OrderChanged,
    OrderFilled,
    FillBusted,
    FillCorrected,
    AlertRaised,
)
E = TypeVar("E")


def make_request(client_id: str, quantity: int = 100, **terms: Any) -> OrderRequest:
    """Return a limit buy of 100 at 1.00, or with other terms."""
    values: dict[str, Any] = {
        "client_id": client_id,
        "number": int(client_id.rpartition("-")[2]),
        "account": "PAPER-1",
        "symbol": SYMBOL,
        "side": Side.BUY,
        "quantity": quantity,
        "type": OrderType.LIMIT,
        "limit": 100,
    }
    return OrderRequest(**{**values, **terms})


class ToldGate:
    """Denies with whatever it was told."""

    def __init__(self) -> None:
        self.denials: tuple[Denial, ...] = ()
        self.amend_denials: tuple[Denial, ...] = ()
        self.refused: Callable[[OrderRequest], bool] = lambda _request: False
        """Which orders are denied."""
        self.sent: list[OrderRequest] = []
        self.halted = ""

    def check(self, request: OrderRequest) -> tuple[Denial, ...]:
        assert request.client_id
        return (Denial("told", "it was told to"),) if self.refused(request) else self.denials

    def check_amend(
        self, order: Order, quantity: int, limit: int | None, stop: int | None, origin: str = "desk"
    ) -> tuple[Denial, ...]:
        assert order.is_open
        assert quantity > 0
        assert (limit, stop) != (0, 0)
        assert origin
        return self.amend_denials

    def note_sent(self, request: OrderRequest) -> None:
        self.sent.append(request)

    @property
    def stamp(self) -> int:
        return 0

    def held_back(self, request: OrderRequest, stamp: int) -> str:
        assert request.client_id
        assert stamp == self.stamp
        return self.halted


class ToldVenue:
    """Notes what is sent to it; a test reports back as it likes."""

    name = "told"

    def __init__(self, journal_path: Path) -> None:
        self.sent: list[tuple[object, ...]] = []
        self.journalled_at_send: list[list[str]] = []
        """The kinds in the journal's file at the moment of each send."""
        self.holds_pairs = False
        self._journal_path = journal_path

    def connect(self, sink: ReportSink) -> None:
        self.sink = sink

    def submit(self, request: OrderRequest) -> None:
        self._note("submit", request.client_id)

    def holds_as_one(self, symbol: Symbol) -> bool:
        return self.holds_pairs and symbol == SYMBOL

    def submit_pair(self, stop: OrderRequest, target: OrderRequest) -> None:
        self._note("submit_pair", stop.client_id, target.client_id)

    def cancel(self, client_id: str) -> None:
        self._note("cancel", client_id)

    def amend(self, client_id: str, quantity: int, limit: int | None, stop: int | None) -> None:
        self._note("amend", client_id, quantity, limit, stop)

    def inquire(self, client_id: str, question: int) -> None:
        self._note("inquire", client_id, question)

    def take_stock(self, since_ns: int, question: int) -> None:
        self._note("take_stock", since_ns, question)

    def _note(self, *what: object) -> None:
        self.sent.append(what)
        self.journalled_at_send.append(kinds_of(self._journal_path))


class BrittleDisk(FolderDisk):
    """A folder that can be told to be full."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.full = False

    def create(self, name: str, size: int) -> FolderFile:
        return BrittleFile(super().create(name, size), self)


class BrittleFile(FolderFile):
    """A file that takes no record while its disk is full; zeros it takes, so that a record can be taken back."""

    __slots__ = ("_disk",)

    def __init__(self, file: FolderFile, disk: BrittleDisk) -> None:
        super().__init__(file._descriptor, file.size)
        self._disk = disk

    def write_at(self, offset: int, data: bytes | bytearray) -> int:
        if self._disk.full and any(data):
            raise OSError(errno.ENOSPC, "the disk is full")
        return super().write_at(offset, data)


class ExecutionBench:
    """An order manager with everything round it, a position kept from its fills included."""

    def __init__(self, folder: Path, durability: Durability = "process") -> None:
        self.path = folder / "journal"
        rmtree(self.path, ignore_errors=True)
        self.disk = BrittleDisk(self.path)
        self.journal = SegmentJournal(self.disk, durability=durability, segment_bytes=SMALL, threaded=False)
        self.journal.open()
        self.instrument = make_instrument()
        self.clock = SimulatedClock(START_NS)
        self.gate = ToldGate()
        self.venue = ToldVenue(self.path)
        self.working = WorkingOrders()
        self.position = Position(self.instrument)
        self.events: list[object] = []
        self.bus = bus = Bus()
        for kind in _EVENTS:
            bus.subscribe(kind, self.events.append)
        bus.subscribe(OrderFilled, lambda event: self._keep_position(event.fill, 1))
        bus.subscribe(FillBusted, lambda event: self._keep_position(event.fill, -1))
        bus.subscribe(FillCorrected, lambda event: self._keep_position(event.was, -1))
        bus.subscribe(FillCorrected, lambda event: self._keep_position(event.fill, 1))
        self.manager = OrderManager(
            gate=self.gate,
            broker=self.venue,
            journal=self.journal,
            bus=bus,
            clock=self.clock,
            working=self.working,
            instruments={SYMBOL: self.instrument},
            positions={SYMBOL: self.position},
        )
        self.manager.exits.connect(bus)
        self._fill_count = 0

    def _keep_position(self, fill: Fill, sign: int) -> None:
        self.position.quantity += sign * fill.side * fill.quantity

    def submit(self, client_id: str = "t-1", quantity: int = 100, **terms: Any) -> Order:
        self.manager.submit(make_request(client_id, quantity, **terms))
        return self.manager.orders[client_id]

    def working_order(self, client_id: str = "t-1", quantity: int = 100, **terms: Any) -> Order:
        order = self.submit(client_id, quantity, **terms)
        self.manager.on_report(AcceptReport(client_id, f"V{client_id}", START_NS))
        assert order.status is OrderStatus.WORKING
        return order

    def fill(self, quantity: int, client_id: str = "t-1", **terms: Any) -> FillReport:
        self._fill_count += 1
        values: dict[str, Any] = {
            "fill_id": f"F{self._fill_count}",
            "client_id": client_id,
            "account": "PAPER-1",
            "symbol": SYMBOL,
            "side": Side.BUY,
            "price": 100,
            "quantity": quantity,
        }
        return FillReport(Fill(**{**values, **terms}))

    def status(self, client_id: str = "t-1") -> OrderStatus:
        return self.manager.orders[client_id].status

    def report(self, *reports: Any) -> None:
        for each in reports:
            self.manager.on_report(each)

    def of(self, kind: type[E]) -> list[E]:
        return [event for event in self.events if isinstance(event, kind)]

    @property
    def alerts(self) -> list[str]:
        return [event.text for event in self.of(AlertRaised)]

    @property
    def journalled(self) -> list[str]:
        return kinds_of(self.path)


def terms_of(order: Order) -> tuple[OrderStatus, int, int, int]:
    """Return what the order state matrices state: status, quantity, filled, leaves."""
    return order.status, order.quantity, order.filled, order.leaves
