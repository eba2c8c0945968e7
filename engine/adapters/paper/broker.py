"""The paper broker: a simulated venue that matches against the live market."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

from engine.adapters.paper.day_roll import DayRoll
from engine.adapters.paper.display import Display
from engine.adapters.paper.fees import FeeSchedule
from engine.adapters.paper.market import Book, PaperMarket
from engine.adapters.paper.outbox import Outbox
from engine.adapters.paper.paper_order import PaperOrder
from engine.adapters.paper.pit import Pit
from engine.adapters.paper.wire import Wire
from engine.clock import NS_PER_MS, Clock
from engine.config import PaperSettings
from engine.messages.commands import AmendOrder, CancelOrder, SubmitOrder
from engine.messages.reports import Report
from engine.model.instrument import Symbol
from engine.model.market_state import MarketState
from engine.model.order import OrderRequest, OrderType, TimeInForce
from engine.model.trade import Trade
from engine.ports.broker import ReportSink

_Message = SubmitOrder | CancelOrder | AmendOrder
_DAY = TimeInForce.DAY
_TRAILING = OrderType.TRAILING
_NEEDS_LIMIT = frozenset({OrderType.LIMIT, OrderType.STOP_LIMIT})
_NEEDS_STOP = frozenset({OrderType.STOP, OrderType.STOP_LIMIT})


class PaperBroker:
    """Takes orders and answers after the latency both ways; the market's changes are shown to it.

    It fills as `PaperSettings` states: last in the queue unless told otherwise, market orders walk the
    book, and no resting order fills where the market did not trade or quote.
    """

    name = "paper"

    def __init__(self, settings: PaperSettings, clock: Clock, market: PaperMarket) -> None:
        latency_ns = round(settings.latency_ms * NS_PER_MS)
        self.opened: Callable[[Symbol], None] | None = None
        """What is called with a symbol at its first order: only from then on need its quotes be shown."""
        self._settings = settings
        self._market = market
        self._sink: ReportSink | None = None
        self._to_venue: Wire[_Message] = Wire(clock, latency_ns, self._arrive)
        self._to_us: Wire[Report] = Wire(clock, latency_ns, self._report)
        self._out = Outbox(clock, FeeSchedule(settings), self._to_us, latency_ns)
        self._arrivals = itertools.count(1)
        self._pits: dict[Symbol, Pit] = {}
        self._homes: dict[str, Pit] = {}
        """Where every order ever accepted was worked, by client id."""
        self._days = DayRoll(clock, self._pits)
        self._handlers: dict[type, Callable[[Any], None]] = {
            SubmitOrder: self._on_submit,
            CancelOrder: self._on_cancel,
            AmendOrder: self._on_amend,
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

    def position_of(self, symbol: Symbol) -> int:
        """Return the position that this broker's fills made, in size units, signed."""
        return self._out.position_of(symbol)

    def reset(self, reason: str) -> None:
        """End every order at once, for a replay that jumps: its clock drops all timers.

        What was reported arrives now, what was not yet at the venue is rejected, the rest is cancelled;
        fills and the positions they made stand.
        """
        for report in self._to_us.take_all():
            self._report(report)
        for message in self._to_venue.take_all():
            if isinstance(message, SubmitOrder):
                self._out.rejected(message.request.client_id, reason)
        for pit in self._pits.values():
            pit.cancel_all(reason)
        for report in self._to_us.take_all():
            self._report(report)
        self._days.forget()

    # The market

    def on_quote(self, state: MarketState) -> None:
        """Show a changed top of book to the orders of its symbol."""
        pit = self._pits.get(state.symbol)
        if pit is not None and pit.orders:
            pit.on_display()

    def on_book(self, book: Book) -> None:
        """Show a changed book to the orders of its symbol."""
        pit = self._pits.get(book.symbol)
        if pit is not None and pit.orders:
            pit.on_display()

    def on_trade(self, state: MarketState, trade: Trade) -> None:
        """Show a print to the orders of its symbol, after the state has it."""
        pit = self._pits.get(state.symbol)
        if pit is not None and pit.orders:
            pit.on_print(trade)

    def on_status(self, state: MarketState) -> None:
        """Follow a symbol's session, after the state has it."""
        pit = self._pits.get(state.symbol)
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
            self._out.rejected(request.client_id, reason)
            return
        order = PaperOrder(request, next(self._arrivals))
        if request.post_only and order.triggered and pit.open and pit.would_cross(order, order.limit):
            self._out.rejected(request.client_id, "it would take, and is post-only")
            return
        self._homes[request.client_id] = pit
        self._out.accepted(order)
        pit.admit(order)
        if request.tif is _DAY:
            self._days.watch(pit)

    def _objection(self, request: OrderRequest, pit: Pit | None) -> str:
        if pit is None:
            return f"{request.symbol} is not listed here"
        if request.client_id in self._homes:
            return f"order id {request.client_id} was used before"
        return _incomplete(request)

    def _on_cancel(self, message: CancelOrder) -> None:
        pit, order = self._find(message.client_id)
        if pit is None or order is None:
            self._out.cancel_rejected(message.client_id, "too late: the order is not on the book")
        else:
            pit.cancel(order, "")

    def _on_amend(self, message: AmendOrder) -> None:
        pit, order = self._find(message.client_id)
        if pit is None or order is None or message.quantity is None:
            self._out.cancel_rejected(message.client_id, "too late: the order is not on the book")
            return
        limit = order.limit if message.limit is None else message.limit
        stop = order.stop if message.stop is None else message.stop
        if order.resting and order.request.post_only and pit.would_cross(order, limit):
            self._out.cancel_rejected(message.client_id, "it would take, and is post-only")
            return
        pit.amend(order, message.quantity, limit, stop)

    def _find(self, client_id: str) -> tuple[Pit | None, PaperOrder | None]:
        pit = self._homes.get(client_id)
        return (None, None) if pit is None else (pit, pit.orders.get(client_id))

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
        return pit


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
