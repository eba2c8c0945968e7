"""The venue's side of the paperwork: fills with their fees, and every report."""

from __future__ import annotations

import itertools

from engine.adapters.paper.fees import FeeSchedule
from engine.adapters.paper.paper_order import PaperOrder
from engine.adapters.paper.register import Register, described
from engine.adapters.paper.wire import Wire
from engine.clock import Clock
from engine.messages.reports import (
    AcceptReport,
    CancelRejectReport,
    CancelReport,
    ExpireReport,
    FillReport,
    NotFoundReport,
    QueueReport,
    Refusal,
    RejectReport,
    ReplaceReport,
    Report,
    StatusReport,
    StockReport,
    TrailReport,
    TriggerReport,
)
from engine.model.fill import Fill, Liquidity
from engine.model.instrument import Instrument, Symbol
from engine.model.order import OrderRequest, OrderStatus, OrderType


class Outbox:
    """Writes what happens into the register and tells the desk, in the order in which it happened."""

    __slots__ = ("_clock", "_fees", "_fill_count", "_latency_ns", "_prefix", "_register", "_wire")

    def __init__(
        self,
        clock: Clock,
        fees: FeeSchedule,
        wire: Wire[Report],
        register: Register,
        latency_ns: int,
        run: str,
    ) -> None:
        self._clock = clock
        self._fees = fees
        self._wire = wire
        self._register = register
        self._latency_ns = latency_ns
        self._prefix = f"{run}-" if run else ""
        self._fill_count = itertools.count(1)

    def position_of(self, symbol: Symbol) -> int:
        """Return the position our fills made, in size units, signed."""
        return self._register.position_of(symbol)

    def accepted(self, order: PaperOrder) -> None:
        """Take an order into the register and report that the venue has it."""
        now_ns = self._clock.now_ns()
        order.venue_id = f"V-{self._prefix}{order.arrival}"
        self._register.enter(order, now_ns)
        self._wire.send(AcceptReport(order.client_id, order.venue_id, now_ns))

    def rejected(self, request: OrderRequest, reason: str) -> None:
        """Report that the venue refused an order; one whose id is known already stays as it is."""
        now_ns = self._clock.now_ns()
        kind = Refusal.DUPLICATE_ID
        if self._register.find(request.client_id) is None:
            kind = Refusal.OTHER
            order = PaperOrder(request, 0)
            self._register.enter(order, now_ns)
            self._register.end(order, OrderStatus.REJECTED, reason, now_ns)
        self._wire.send(RejectReport(request.client_id, reason, now_ns, kind))

    def triggered(self, order: PaperOrder) -> None:
        """Report that a stop's price was reached."""
        self._wire.send(TriggerReport(order.client_id, self._clock.now_ns()))

    def canceled(self, order: PaperOrder, reason: str) -> None:
        """Report that an order is off the book."""
        now_ns = self._clock.now_ns()
        self._register.end(order, OrderStatus.CANCELED, reason, now_ns)
        self._wire.send(CancelReport(order.client_id, reason, now_ns, order.filled))

    def cancel_rejected(self, client_id: str, reason: str) -> None:
        """Report that a cancel or an amendment was refused."""
        kind = Refusal.UNKNOWN_ORDER if self._register.find(client_id) is None else Refusal.OTHER
        self._wire.send(CancelRejectReport(client_id, reason, self._clock.now_ns(), kind))

    def expired(self, order: PaperOrder, reason: str) -> None:
        """Report that an order's time ended."""
        now_ns = self._clock.now_ns()
        self._register.end(order, OrderStatus.EXPIRED, reason, now_ns)
        self._wire.send(ExpireReport(order.client_id, reason, now_ns, order.filled))

    def replaced(self, order: PaperOrder) -> None:
        """Report an order's new terms; without anything left to trade it is filled."""
        now_ns = self._clock.now_ns()
        order.updated_ns = now_ns
        if not order.leaves:
            self._register.end(order, OrderStatus.FILLED, "", now_ns)
        stop = None if order.request.type is OrderType.TRAILING else order.stop
        self._wire.send(ReplaceReport(order.client_id, order.quantity, order.limit, stop, now_ns))

    def trail(self, order: PaperOrder) -> None:
        """Report where a trailing stop would trigger, if that changed."""
        trails = order.request.type is OrderType.TRAILING
        if trails and order.stop is not None and order.stop != order.reported_stop:
            order.reported_stop = order.stop
            self._wire.send(TrailReport(order.client_id, order.stop))

    def queue(self, order: PaperOrder) -> None:
        """Report what waits before an order, if that changed."""
        if order.ahead is not None and order.ahead != order.reported_ahead:
            order.reported_ahead = order.ahead
            self._wire.send(QueueReport(order.client_id, order.ahead))

    def filled(
        self, order: PaperOrder, instrument: Instrument, price: int, quantity: int, liquidity: Liquidity
    ) -> None:
        """Book and report a fill."""
        now_ns = self._clock.now_ns()
        fill = Fill(
            fill_id=f"P-{self._prefix}{next(self._fill_count)}",
            client_id=order.client_id,
            account=order.request.account,
            symbol=instrument.symbol,
            side=order.side,
            price=price,
            quantity=quantity,
            fee_micros=self._fees.micros(instrument, liquidity, price, quantity),
            fee_currency=instrument.currency,
            liquidity=liquidity,
            event_ns=now_ns,
            receive_ns=now_ns + self._latency_ns,
        )
        self._register.book(order, fill)
        self._wire.send(FillReport(fill))

    def status(self, client_id: str, question: int) -> None:
        """Report what the register has of one order, and all its fills."""
        now_ns = self._clock.now_ns()
        order = self._register.find(client_id)
        if order is None:
            self._wire.send(NotFoundReport(client_id, now_ns, question))
        else:
            self._wire.send(StatusReport(described(order), tuple(order.fills), now_ns, question))

    def stock(self, since_ns: int, question: int) -> None:
        """Report everything the register has, ended orders and fills since then."""
        self._wire.send(StockReport(self._register.stock(since_ns, self._clock.now_ns()), question))
