"""The paper broker: a simulated venue that matches against the live market."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from engine.adapters.paper.day_roll import DayRoll
from engine.adapters.paper.display import Display
from engine.adapters.paper.fees import FeeSchedule
from engine.adapters.paper.market import Book, PaperMarket
from engine.adapters.paper.outbox import Outbox
from engine.adapters.paper.paper_order import PaperOrder
from engine.adapters.paper.pit import Pit
from engine.adapters.paper.questions import Inquiry, StockTaking
from engine.adapters.paper.register import Register
from engine.adapters.paper.revival import revived
from engine.adapters.paper.wire import Wire
from engine.clock import NS_PER_MS, Clock
from engine.config import PaperSettings
from engine.messages.commands import AmendOrder, CancelOrder, SubmitOrder
from engine.messages.reports import Report
from engine.model.fill import Fill
from engine.model.instrument import Symbol
from engine.model.market_state import MarketState
from engine.model.order import Order, OrderRequest, OrderType, TimeInForce
from engine.model.trade import Trade
from engine.ports.broker import ReportSink

_Message = SubmitOrder | CancelOrder | AmendOrder | Inquiry | StockTaking
_TOO_LATE: Final = "too late: the order is not on the book"
_DAY: Final = TimeInForce.DAY
_TRAILING: Final = OrderType.TRAILING
_NEEDS_LIMIT: Final = frozenset({OrderType.LIMIT, OrderType.STOP_LIMIT})
_NEEDS_STOP: Final = frozenset({OrderType.STOP, OrderType.STOP_LIMIT})


class PaperBroker:
    """Takes orders and answers after the latency both ways; the market's changes are shown to it.

    It fills as `PaperSettings` states: last in the queue unless told otherwise, market orders walk the
    book, and no resting order fills where the market did not trade or quote.
    """

    name = "paper"

    def __init__(self, settings: PaperSettings, clock: Clock, market: PaperMarket, *, run: str = "") -> None:
        """Make a venue; `run` is part of its ids and sets them apart from those of every other run."""
        latency_ns = round(settings.latency_ms * NS_PER_MS)
        self.opened: Callable[[Symbol], None] | None = None
        """What is called with a symbol at its first order: only from then on need its quotes be shown."""
        self._settings = settings
        self._market = market
        self._sink: ReportSink | None = None
        self._to_venue: Wire[_Message] = Wire(clock, latency_ns, self._arrive)
        self._to_us: Wire[Report] = Wire(clock, latency_ns, self._report)
        self._register = Register()
        self._out = Outbox(clock, FeeSchedule(settings), self._to_us, self._register, latency_ns, run)
        self._arrivals = itertools.count(1)
        self._pits: dict[Symbol, Pit] = {}
        self._waiting: dict[Symbol, dict[str, PaperOrder]] = {}
        """Orders of an earlier run whose symbol is not listed yet, by client id."""
        self._days = DayRoll(clock, self._pits)
        self._handlers: dict[type, Callable[[Any], None]] = {
            SubmitOrder: self._on_submit,
            CancelOrder: self._on_cancel,
            AmendOrder: self._on_amend,
            Inquiry: lambda message: self._out.status(message.client_id, message.question),
            StockTaking: lambda message: self._out.stock(message.since_ns, message.question),
        }

    # The port

    def connect(self, sink: ReportSink) -> None:
        """Send all reports from now on to `sink`, on the engine's thread."""
        self._sink = sink

    def submit(self, request: OrderRequest) -> None:
        """Begin to send an order."""
        self._to_venue.send(SubmitOrder(request))

    def cancel(self, client_id: str) -> None:
        """Begin to take an order back."""
        self._to_venue.send(CancelOrder(client_id))

    def amend(self, client_id: str, quantity: int, limit: int | None, stop: int | None) -> None:
        """Begin to change an order to these terms, in units; quantity includes what was filled."""
        self._to_venue.send(AmendOrder(client_id, quantity, limit, stop))

    def inquire(self, client_id: str, question: int) -> None:
        """Begin to ask what became of one order: a status or a not-found report answers."""
        self._to_venue.send(Inquiry(client_id, question))

    def take_stock(self, since_ns: int, question: int) -> None:
        """Begin to ask for everything it has, ended orders and fills since then: a stock report answers."""
        self._to_venue.send(StockTaking(since_ns, question))

    # Beginning and beginning anew

    def position_of(self, symbol: Symbol) -> int:
        """Return the position that this broker's fills made, in size units, signed."""
        return self._register.position_of(symbol)

    def hold(self, symbol: Symbol, quantity: int) -> None:
        """Let a position be what a split made of it: this venue's company splits when the account's does."""
        self._register.hold(symbol, quantity)

    def restore(
        self, orders: Iterable[Order], fills: Iterable[Fill], positions: Mapping[Symbol, int]
    ) -> None:
        """Begin from what the journal says, before the first order of this run.

        Working orders rest again, last in the queue, once their symbol is listed; those that never got an
        answer never came. A trailing stop follows the market from there on.
        """
        fills_of: defaultdict[str, list[Fill]] = defaultdict(list)
        for fill in fills:
            fills_of[fill.client_id].append(fill)
        self._register.begin_at(positions)
        for order in sorted(orders, key=lambda each: each.updated_ns):
            back = revived(order, fills_of[order.client_id])
            if back is not None:
                self._register.recall(back)
                if back.ended is None:
                    self._waiting.setdefault(order.symbol, {})[order.client_id] = back

    def reset(self, reason: str) -> None:
        """End every order at once, for a replay that jumps: its clock drops all timers.

        What was reported arrives now, what was not yet at the venue is rejected, the rest is cancelled;
        fills and the positions they made stand, and questions are answered by how it is then.
        """
        for report in self._to_us.take_all():
            self._report(report)
        underway = self._to_venue.take_all()
        for message in underway:
            if isinstance(message, SubmitOrder):
                self._out.rejected(message.request, reason)
        for pit in self._pits.values():
            pit.cancel_all(reason)
        for waiting in self._waiting.values():
            for order in waiting.values():
                self._out.canceled(order, reason)
        self._waiting.clear()
        for message in underway:
            if isinstance(message, Inquiry | StockTaking):
                self._arrive(message)
        for report in self._to_us.take_all():
            self._report(report)
        self._days.forget()

    # The market

    def on_listed(self, symbol: Symbol) -> None:
        """Let the orders of an earlier run rest again: their symbol is listed."""
        if symbol in self._waiting:
            self._pit(symbol)

    def on_quote(self, state: MarketState) -> None:
        """Show a changed top of book to the orders of its symbol."""
        pit = self._pits.get(state.symbol) or self._wake(state.symbol)
        if pit is not None and pit.orders:
            pit.on_display()

    def on_book(self, book: Book) -> None:
        """Show a changed book to the orders of its symbol."""
        pit = self._pits.get(book.symbol) or self._wake(book.symbol)
        if pit is not None and pit.orders:
            pit.on_display()

    def on_trade(self, state: MarketState, trade: Trade) -> None:
        """Show a print to the orders of its symbol, after the state has it."""
        pit = self._pits.get(state.symbol) or self._wake(state.symbol)
        if pit is not None and pit.orders:
            pit.on_print(trade)

    def on_status(self, state: MarketState) -> None:
        """Follow a symbol's session, after the state has it."""
        pit = self._pits.get(state.symbol) or self._wake(state.symbol)
        if pit is not None:
            pit.on_status()

    # The venue

    def _report(self, report: Report) -> None:
        if self._sink is not None:
            self._sink(report)

    def _arrive(self, message: _Message) -> None:
        self._handlers[type(message)](message)

    def _on_submit(self, message: SubmitOrder) -> None:
        request = message.request
        pit = self._pit(request.symbol)
        reason = self._objection(request, pit)
        if pit is None or reason:
            self._out.rejected(request, reason)
            return
        order = PaperOrder(request, next(self._arrivals))
        if request.post_only and order.triggered and pit.open and pit.would_cross(order, order.limit):
            self._out.rejected(request, "it would take, and is post-only")
            return
        self._out.accepted(order)
        pit.admit(order)
        if request.tif is _DAY:
            self._days.watch(pit)

    def _objection(self, request: OrderRequest, pit: Pit | None) -> str:
        if pit is None:
            return f"{request.symbol} is not listed here"
        if self._register.find(request.client_id) is not None:
            return f"order id {request.client_id} was used before"
        return _incomplete(request)

    def _on_cancel(self, message: CancelOrder) -> None:
        order = self._working(message.client_id)
        if order is None:
            self._out.cancel_rejected(message.client_id, _TOO_LATE)
            return
        pit = self._pits.get(order.request.symbol)
        if pit is None:
            del self._waiting[order.request.symbol][order.client_id]
            self._out.canceled(order, "")
        else:
            pit.cancel(order, "")

    def _on_amend(self, message: AmendOrder) -> None:
        order = self._working(message.client_id)
        if order is None or message.quantity is None:
            self._out.cancel_rejected(message.client_id, _TOO_LATE)
            return
        pit = self._pits.get(order.request.symbol)
        if pit is None:
            self._out.cancel_rejected(message.client_id, "its market is not listed yet")
            return
        limit = order.limit if message.limit is None else message.limit
        stop = order.stop if message.stop is None else message.stop
        if order.resting and order.request.post_only and pit.would_cross(order, limit):
            self._out.cancel_rejected(message.client_id, "it would take, and is post-only")
            return
        pit.amend(order, message.quantity, limit, stop)

    def _working(self, client_id: str) -> PaperOrder | None:
        order = self._register.find(client_id)
        return order if order is not None and order.ended is None else None

    def _wake(self, symbol: Symbol) -> Pit | None:
        return self._pit(symbol) if symbol in self._waiting else None

    def _pit(self, symbol: Symbol) -> Pit | None:
        pit = self._pits.get(symbol)
        if pit is None:
            state = self._market.state(symbol)
            if state is None:
                return None
            display = Display(state, self._market)
            pit = Pit(state, display, self._out, self._settings, self._arrivals.__next__)
            self._pits[symbol] = pit
            if self.opened is not None:
                self.opened(symbol)
            waiting = self._waiting.pop(symbol, {})
            for order in sorted(waiting.values(), key=lambda each: each.request.created_ns):
                self._come_back(order, pit)
        return pit

    def _come_back(self, order: PaperOrder, pit: Pit) -> None:
        """Work an order of an earlier run again, unless its time ended between the runs."""
        order.arrival = next(self._arrivals)
        if order.immediate:
            self._out.canceled(order, "the venue began anew, and it was an immediate order")
        elif self._days.is_over(order.request, pit.state.instrument.calendar):
            self._out.expired(order, "its day ended between two runs")
        else:
            pit.resume(order)
            if order.request.tif is _DAY:
                self._days.watch(pit)


def _incomplete(request: OrderRequest) -> str:
    if request.quantity <= 0:
        return f"expected a quantity above 0, found {request.quantity}"
    if request.type in _NEEDS_LIMIT and not request.limit:
        return f"a {request.type} order needs a limit"
    if request.type in _NEEDS_STOP and not request.stop:
        return f"a {request.type} order needs a stop price"
    if request.type is _TRAILING and not request.trail:
        return "a trailing order needs a distance"
    return ""
