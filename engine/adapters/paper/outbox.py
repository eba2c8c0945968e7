"""The venue's side of the paperwork: fills with their fees, positions, and every report."""

from __future__ import annotations

import itertools

from engine.adapters.paper.fees import FeeSchedule
from engine.adapters.paper.paper_order import PaperOrder
from engine.adapters.paper.wire import Wire
from engine.clock import Clock
from engine.messages.reports import (
    AcceptReport,
    CancelRejectReport,
    CancelReport,
    ExpireReport,
    FillReport,
    QueueReport,
    RejectReport,
    ReplaceReport,
    Report,
    TriggerReport,
)
from engine.model.fill import Fill, Liquidity
from engine.model.instrument import Instrument, Symbol


class Outbox:
    """Writes each report, numbers the fills, and keeps the positions they make."""

    __slots__ = ("_clock", "_fees", "_fill_count", "_latency_ns", "_positions", "_wire")

    def __init__(self, clock: Clock, fees: FeeSchedule, wire: Wire[Report], latency_ns: int) -> None:
        self._clock = clock
        self._fees = fees
        self._wire = wire
        self._latency_ns = latency_ns
        self._fill_count = itertools.count(1)
        self._positions: dict[Symbol, int] = {}

    def position_of(self, symbol: Symbol) -> int:
        """Return the position our fills made, in size units, signed."""
        return self._positions.get(symbol, 0)

    def accepted(self, order: PaperOrder) -> None:
        """Report that the venue has the order."""
        self._wire.send(AcceptReport(order.client_id, f"V-{order.arrival}", self._clock.now_ns()))

    def rejected(self, client_id: str, reason: str) -> None:
        """Report that the venue refused an order."""
        self._wire.send(RejectReport(client_id, reason, self._clock.now_ns()))

    def triggered(self, order: PaperOrder) -> None:
        """Report that a stop's price was reached."""
        self._wire.send(TriggerReport(order.client_id, self._clock.now_ns()))

    def canceled(self, order: PaperOrder, reason: str) -> None:
        """Report that an order is off the book."""
        self._wire.send(CancelReport(order.client_id, reason, self._clock.now_ns()))

    def cancel_rejected(self, client_id: str, reason: str) -> None:
        """Report that a cancel or an amendment was refused."""
        self._wire.send(CancelRejectReport(client_id, reason, self._clock.now_ns()))

    def expired(self, order: PaperOrder, reason: str) -> None:
        """Report that an order's time ended."""
        self._wire.send(ExpireReport(order.client_id, reason, self._clock.now_ns()))

    def replaced(self, order: PaperOrder) -> None:
        """Report an order's new terms."""
        now_ns = self._clock.now_ns()
        self._wire.send(ReplaceReport(order.client_id, order.quantity, order.limit, order.stop, now_ns))

    def queue(self, order: PaperOrder) -> None:
        """Report what waits before an order, if that changed."""
        if order.ahead is not None and order.ahead != order.reported_ahead:
            order.reported_ahead = order.ahead
            self._wire.send(QueueReport(order.client_id, order.ahead))

    def filled(
        self, order: PaperOrder, instrument: Instrument, price: int, quantity: int, liquidity: Liquidity
    ) -> None:
        """Book and report a fill."""
        symbol = instrument.symbol
        order.filled += quantity
        self._positions[symbol] = self._positions.get(symbol, 0) + order.side * quantity
        now_ns = self._clock.now_ns()
        fill = Fill(
            fill_id=f"P-{next(self._fill_count)}",
            client_id=order.client_id,
            account=order.request.account,
            symbol=symbol,
            side=order.side,
            price=price,
            quantity=quantity,
            fee_micros=self._fees.micros(instrument, liquidity, price, quantity),
            fee_currency=instrument.currency,
            liquidity=liquidity,
            event_ns=now_ns,
            receive_ns=now_ns + self._latency_ns,
        )
        self._wire.send(FillReport(fill))
