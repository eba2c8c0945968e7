"""An order manager opposite a venue that remembers the truth while its reports get lost."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from typing import Any

import msgspec
from msgspec import Struct

from engine.bus import Bus
from engine.clock import NS_PER_MS, NS_PER_S, SimulatedClock
from engine.config import BrokerSettings
from engine.execution.hands import Ties
from engine.execution.order_manager import OrderManager
from engine.ids import OrderIds
from engine.messages.commands import BreakAction, ResolveBreak, TradingState
from engine.messages.comparison_views import BreakView, ReconcilePhase, ReconcileView
from engine.messages.events import AlertRaised, InstrumentListed
from engine.messages.reports import (
    AcceptReport,
    BustReport,
    CancelRejectReport,
    CancelReport,
    CorrectReport,
    ExpireReport,
    FillReport,
    LinkReport,
    NotFoundReport,
    ReplaceReport,
    Report,
    StatusReport,
    StockReport,
)
from engine.messages.stock import BrokerOrder, BrokerStock
from engine.model.account import CurrencyRates
from engine.model.fill import Fill
from engine.model.instrument import AssetClass, Instrument, Symbol
from engine.model.order import Order, OrderRequest, OrderStatus, OrderType
from engine.model.trade import Side
from engine.model.working_orders import WorkingOrders
from engine.portfolio.ledger import Ledger
from engine.ports.broker import ReportSink
from engine.replica import Replica, connect_ledger, standalone
from engine.risk.halt import TradingHalts
from tests.unit.engine.execution_bench import ToldGate

START_NS = 1_723_118_400 * NS_PER_S
ABC, XYZ = Symbol("ABC"), Symbol("XYZ")
UNDERWAY_NS = NS_PER_MS
_ENDED = frozenset({OrderStatus.FILLED, OrderStatus.CANCELED, OrderStatus.EXPIRED, OrderStatus.REJECTED})


def listed(symbol: Symbol) -> Instrument:
    """Return a share in cents."""
    return Instrument(
        symbol=symbol,
        venue="TEST",
        asset_class=AssetClass.EQUITY,
        currency="USD",
        price_unit=Decimal("0.01"),
        tick=Decimal("0.01"),
        size_unit=Decimal(1),
        lot=Decimal(1),
        calendar="24/7",
    )


class MemoryJournal:
    """Keeps what was written, as long as the test lasts."""

    def __init__(self) -> None:
        self.records: list[tuple[Struct, int]] = []
        self.refusal = ""

    @property
    def durable(self) -> int:
        return len(self.records)

    def append(self, record: Struct, time_ns: int) -> int:
        self.records.append((record, time_ns))
        return len(self.records)

    def on_durable(self, sink: Callable[[int], None]) -> None:
        assert callable(sink)

    def close(self) -> None:
        pass

    def of(self, kind: type[Struct]) -> list[Any]:
        return [record for record, _ in self.records if isinstance(record, kind)]


class Venue:
    """Knows the truth; its messages take a moment, and can be lost on either way."""

    name = "truth"

    def __init__(self, clock: SimulatedClock) -> None:
        self._clock = clock
        self._sink: ReportSink | None = None
        self._count = 0
        self.orders: dict[str, BrokerOrder] = {}
        self.fills: list[Fill] = []
        self.moved: dict[Symbol, int] = {}
        """What positions differ by from the fills: other people's doing."""
        self.cash: dict[str, int] | None = None
        self.asked: list[tuple[str, int]] = []
        """Every message that was sent to it, and when."""
        self.deaf: set[str] = set()
        """The kinds of message that never arrive here."""
        self.loses: Callable[[Report], bool] = lambda _: False
        self.question: dict[str, int] = {}
        """The number of the last question of each kind."""
        self.complete = True
        self.forgot_ns = 0
        """Before when it knows nothing of what ended."""

    # The port

    def connect(self, sink: ReportSink) -> None:
        self._sink = sink

    def submit(self, request: OrderRequest) -> None:
        self._arrives("submit", lambda: self._accept(request))

    def cancel(self, client_id: str) -> None:
        self._arrives("cancel", lambda: self._cancel(client_id))

    def amend(self, client_id: str, quantity: int, limit: int | None, stop: int | None) -> None:
        self._arrives("amend", lambda: self.replace(client_id, quantity, limit, stop))

    def inquire(self, client_id: str, question: int) -> None:
        self.question["inquire"] = question
        self._arrives("inquire", lambda: self._answer(client_id, question))

    def take_stock(self, since_ns: int, question: int) -> None:
        self.question["take_stock"] = question
        self._arrives("take_stock", lambda: self.report(StockReport(self.stock(since_ns), question)))

    # What happens there

    def fill(self, client_id: str, quantity: int, price: int = 100) -> Fill:
        order = self.orders[client_id]
        self._count += 1
        fill = Fill(
            fill_id=f"F{self._count}",
            client_id=client_id,
            account="PAPER-1",
            symbol=order.symbol,
            side=order.side,
            price=price,
            quantity=quantity,
            event_ns=self._clock.now_ns(),
        )
        self.fills.append(fill)
        filled = order.filled + quantity
        whole = filled >= order.quantity
        self._change(
            client_id,
            filled=filled,
            status=OrderStatus.FILLED if whole else OrderStatus.PARTIALLY_FILLED,
        )
        self.report(FillReport(fill))
        return fill

    def end(self, client_id: str, status: OrderStatus = OrderStatus.CANCELED, reason: str = "") -> None:
        self._change(client_id, status=status, reason=reason)
        ends: dict[OrderStatus, type[CancelReport | ExpireReport]] = {OrderStatus.EXPIRED: ExpireReport}
        filled = self.orders[client_id].filled
        self.report(ends.get(status, CancelReport)(client_id, reason, self._clock.now_ns(), filled))

    def bust(self, fill: Fill) -> None:
        """Take a fill back; an order that was filled by it works again."""
        self.fills.remove(fill)
        self._recount(fill.client_id)
        self.report(BustReport(fill.client_id, fill.fill_id, "an error", self._clock.now_ns()))

    def correct(self, fill: Fill, price: int, quantity: int) -> None:
        """Change a fill."""
        now_ns = self._clock.now_ns()
        changed = msgspec.structs.replace(fill, price=price, quantity=quantity, event_ns=now_ns)
        self.fills[self.fills.index(fill)] = changed
        self._recount(fill.client_id)
        self.report(CorrectReport(changed))

    def _recount(self, client_id: str) -> None:
        order = self.orders[client_id]
        filled = sum(fill.quantity for fill in self.fills if fill.client_id == client_id)
        status = order.status
        if status not in {OrderStatus.CANCELED, OrderStatus.EXPIRED}:
            partly = OrderStatus.PARTIALLY_FILLED if filled else OrderStatus.WORKING
            status = OrderStatus.FILLED if filled >= order.quantity else partly
        self._change(client_id, filled=filled, status=status)

    def replace(self, client_id: str, quantity: int, limit: int | None, stop: int | None = None) -> None:
        order = self.orders.get(client_id)
        if order is None or order.status in _ENDED or quantity <= order.filled:
            self.report(CancelRejectReport(client_id, "too late", self._clock.now_ns()))
            return
        self._change(client_id, quantity=quantity, limit=limit, stop=stop)
        self.report(ReplaceReport(client_id, quantity, limit, stop, self._clock.now_ns()))

    def foreign(self, client_id: str, quantity: int, symbol: Symbol = ABC, side: Side = Side.BUY) -> None:
        """Let somebody else place an order for the account."""
        self._enter(client_id, symbol, side, quantity, OrderType.LIMIT, 100, None)

    def stock(self, since_ns: int) -> BrokerStock:
        since_ns = max(since_ns, self.forgot_ns)
        orders = [
            each for each in self.orders.values() if each.status not in _ENDED or each.updated_ns >= since_ns
        ]
        return BrokerStock(
            as_of_ns=self._clock.now_ns(),
            since_ns=since_ns,
            orders=tuple(orders) if self.complete else (),
            fills=tuple(fill for fill in self.fills if fill.event_ns >= since_ns),
            positions=self.positions() if self.complete else {},
            cash_micros=self.cash,
            complete=self.complete,
        )

    def positions(self) -> dict[Symbol, int]:
        held = dict(self.moved)
        for fill in self.fills:
            held[fill.symbol] = held.get(fill.symbol, 0) + fill.side * fill.quantity
        return {symbol: quantity for symbol, quantity in held.items() if quantity}

    def report(self, report: Report) -> None:
        """Send a report, unless it is to be lost."""
        if not self.loses(report):
            self._clock.call_at(self._clock.now_ns() + UNDERWAY_NS, lambda: self.deliver(report))

    def deliver(self, report: Report) -> None:
        """Hand a report over at once."""
        if self._sink is not None:
            self._sink(report)

    def link(self, *, connected: bool) -> None:
        """Open or close the way."""
        self.deliver(LinkReport(connected, "the test says so", self._clock.now_ns()))

    def times(self, kind: str) -> list[float]:
        """Return when messages of a kind were sent, in seconds since the start."""
        return [round((at_ns - START_NS) / NS_PER_S, 1) for name, at_ns in self.asked if name == kind]

    def _arrives(self, kind: str, deed: Callable[[], None]) -> None:
        self.asked.append((kind, self._clock.now_ns()))
        if kind not in self.deaf:
            self._clock.call_at(self._clock.now_ns() + UNDERWAY_NS, deed)

    def _accept(self, request: OrderRequest) -> None:
        assert request.client_id not in self.orders, "an order was sent twice"
        self._enter(
            request.client_id,
            request.symbol,
            request.side,
            request.quantity,
            request.type,
            request.limit,
            request.stop,
        )
        self.report(AcceptReport(request.client_id, f"V-{request.client_id}", self._clock.now_ns()))
        if request.type is OrderType.MARKET:
            self.fill(request.client_id, request.quantity)

    def _enter(
        self,
        client_id: str,
        symbol: Symbol,
        side: Side,
        quantity: int,
        kind: OrderType,
        limit: int | None,
        stop: int | None,
    ) -> None:
        self.orders[client_id] = BrokerOrder(
            client_id=client_id,
            venue_id=f"V-{client_id}",
            symbol=symbol,
            side=side,
            quantity=quantity,
            filled=0,
            status=OrderStatus.WORKING,
            type=kind,
            limit=limit,
            stop=stop,
            updated_ns=self._clock.now_ns(),
        )

    def _cancel(self, client_id: str) -> None:
        order = self.orders.get(client_id)
        if order is None or order.status in _ENDED:
            self.report(CancelRejectReport(client_id, "too late", self._clock.now_ns()))
        else:
            self.end(client_id)

    def _answer(self, client_id: str, question: int) -> None:
        order = self.orders.get(client_id)
        if order is None:
            self.report(NotFoundReport(client_id, self._clock.now_ns(), question))
            return
        fills = tuple(fill for fill in self.fills if fill.client_id == client_id)
        self.report(StatusReport(order, fills, self._clock.now_ns(), question))

    def _change(self, client_id: str, **terms: Any) -> None:
        order = self.orders[client_id]
        self.orders[client_id] = msgspec.structs.replace(order, updated_ns=self._clock.now_ns(), **terms)


class Desk:
    """The engine's side: an order manager, a ledger and the halts, on a journal that may have a history."""

    def __init__(
        self,
        venue: Venue,
        clock: SimulatedClock,
        journal: MemoryJournal,
        run: int = 0,
        settings: BrokerSettings = BrokerSettings(),  # noqa: B008  # it is frozen
        *,
        elsewhere: bool = True,
    ) -> None:
        self.venue = venue
        self.clock = clock
        self.journal = journal
        self.gate = ToldGate()
        self.halts = TradingHalts()
        self.bus = Bus()
        self.working = WorkingOrders()
        self.instruments = {symbol: listed(symbol) for symbol in (ABC, XYZ)}
        self.marks = {ABC: 100, XYZ: 100}
        self.cash: dict[str, int] = {}
        self.alerts: list[str] = []
        self.ids = OrderIds(START_NS + run * NS_PER_S)
        rates = CurrencyRates("USD")
        self.ledger = Ledger(self.instruments, rates)
        connect_ledger(self.bus, self.ledger)
        self.bus.subscribe(AlertRaised, lambda event: self.alerts.append(event.text))
        self.manager = OrderManager(
            gate=self.gate,
            broker=venue,
            journal=journal,
            bus=self.bus,
            clock=clock,
            working=self.working,
            instruments=self.instruments,
            positions=self.ledger.positions,
            ids=self.ids,
            rates=rates,
            ties=Ties(
                settings=settings,
                lock=self.halts.lock,
                mark=lambda symbol: self.marks.get(symbol, 0),
                cash=lambda: self.cash,
                elsewhere=elsewhere,
            ),
        )
        self.replica = Replica(
            bus=self.bus,
            history=self.manager.history,
            ledger=self.ledger,
            halts=self.halts,
            rates=rates,
            instruments=self.instruments,
            list_instrument=lambda instrument: self.instruments.update({instrument.symbol: instrument}),
        )
        for sequence, (record, time_ns) in enumerate(journal.records, 1):
            self.replica.apply(record, sequence, time_ns)
        self.manager.exits.connect(self.bus)
        venue.connect(self.manager.on_report)

    def begin(self, *, had_history: bool = False) -> None:
        self.manager.begin(had_history=had_history)

    def passes(self, seconds: float) -> None:
        """Let time pass."""
        self.clock.advance_to(self.clock.now_ns() + round(seconds * NS_PER_S))

    def buy(self, quantity: int = 100, symbol: Symbol = ABC, **terms: Any) -> Order:
        """Send an order and return it."""
        client_id, number = self.ids.next()
        values: dict[str, Any] = {
            "client_id": client_id,
            "number": number,
            "account": "PAPER-1",
            "symbol": symbol,
            "side": Side.BUY,
            "quantity": quantity,
            "type": OrderType.LIMIT,
            "limit": 100,
            "created_ns": self.clock.now_ns(),
        }
        assert self.manager.submit(OrderRequest(**{**values, **terms}))
        return self.manager.orders[client_id]

    def held(self, symbol: Symbol = ABC) -> int:
        position = self.ledger.positions.get(symbol)
        return position.quantity if position else 0

    def state_of(self, symbol: Symbol = ABC) -> TradingState:
        return self.halts.state_of(symbol)

    def decide(self, action: BreakAction, break_id: str | None = None) -> None:
        self.manager.resolve_break(ResolveBreak(break_id or self.breaks[0].id, action))

    @property
    def breaks(self) -> tuple[BreakView, ...]:
        return self.manager.reconciler.breaks

    @property
    def view(self) -> ReconcileView:
        return self.manager.reconciler.view()

    def phase(self) -> ReconcilePhase:
        return self.view.phase

    def assert_told_by_the_journal(self) -> None:
        """Whoever reads the journal must find what this desk holds."""
        copy = standalone("USD")
        for instrument in self.instruments.values():
            copy.apply(InstrumentListed(instrument), copy.sequence + 1, START_NS)
        for record, time_ns in self.journal.records:
            copy.apply(record, copy.sequence + 1, time_ns)
        assert copy.digest() == self.replica.digest()


class World:
    """One venue, and the desks that come and go."""

    def __init__(self, visible_s: float = 2.0, *, steady_is_own: bool = True) -> None:
        self.clock = SimulatedClock(START_NS, steady_is_own=steady_is_own)
        self.venue = Venue(self.clock)
        self.journal = MemoryJournal()
        settings = BrokerSettings(visible_s=visible_s)
        self.desk = Desk(self.venue, self.clock, self.journal, settings=settings)

    def restart(self, *, records: int | None = None) -> Desk:
        """Kill the desk, let it lose all but the first records of its journal, and start another."""
        if records is not None:
            del self.journal.records[records:]
        self.clock.rewind_to(self.clock.now_ns())
        self.clock.advance_to(self.clock.now_ns() + 5 * NS_PER_S)
        self.desk = Desk(self.venue, self.clock, self.journal, run=len(self.journal.records) + 1)
        self.desk.begin(had_history=True)
        return self.desk


def status(order: Order) -> OrderStatus:
    """Return how an order stands now."""
    return order.status


def settled(desk: Desk) -> Iterator[str]:
    """Yield in what a desk and its venue differ."""
    truth = desk.venue
    for theirs in truth.orders.values():
        order = desk.manager.orders.get(theirs.client_id)
        if order is not None:
            yield from _differences(order, theirs)
        elif theirs.filled or theirs.status not in _ENDED:
            yield f"{theirs.client_id} is not known here"
    for order in desk.working:
        if order.client_id not in truth.orders:
            yield f"{order.client_id} works here alone"
    ours = _terms(fill for order in desk.manager.orders.values() for fill in order.fills)
    if ours != _terms(truth.fills):
        yield f"the fills are {ours}, at the venue {_terms(truth.fills)}"
    held, theirs_held = {symbol: desk.held(symbol) for symbol in (ABC, XYZ)}, truth.positions()
    if held != {symbol: theirs_held.get(symbol, 0) for symbol in (ABC, XYZ)}:
        yield f"held is {held}, at the venue {theirs_held}"


def _differences(order: Order, theirs: BrokerOrder) -> Iterator[str]:
    ours, other = (order.status, order.filled), (theirs.status, theirs.filled)
    if ours != other:
        yield f"{order.client_id} is {ours}, at the venue {other}"
    elif order.is_open and (order.quantity, order.limit) != (theirs.quantity, theirs.limit):
        yield f"{order.client_id} has other terms"


def _terms(fills: Iterable[Fill]) -> dict[str, tuple[int, int]]:
    return {fill.fill_id: (fill.price, fill.quantity) for fill in fills}
