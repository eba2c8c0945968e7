"""Fills are facts: each is booked exactly once, whatever the order's state says."""

from __future__ import annotations

from collections.abc import Mapping

from engine.bus import Bus
from engine.execution.blotter import Blotter, in_words, label
from engine.execution.order_state import OPEN, can_become
from engine.execution.tally import Tally
from engine.messages.events import OrderFilled, Severity
from engine.messages.reports import FillReport
from engine.model.fill import Fill
from engine.model.instrument import Instrument, Symbol
from engine.model.order import Order, OrderRequest, OrderStatus, OrderType

_FILLED = OrderStatus.FILLED
_PARTIALLY_FILLED = OrderStatus.PARTIALLY_FILLED
_UNKNOWN = OrderStatus.UNKNOWN
_UNSEEN = frozenset({OrderStatus.PENDING_NEW, OrderStatus.WORKING})
"""States that a first partial fill moves to PARTIALLY_FILLED; the pending ones stay pending."""


class FillBook:
    """Books fills to orders; the same fill id is the same fill."""

    __slots__ = ("_blotter", "_bus", "_instruments", "_seen", "_tally")

    def __init__(
        self, blotter: Blotter, bus: Bus, tally: Tally, instruments: Mapping[Symbol, Instrument]
    ) -> None:
        self._blotter = blotter
        self._bus = bus
        self._tally = tally
        self._instruments = instruments
        self._seen: dict[str, Fill] = {}

    def knows(self, fill_id: str) -> bool:
        """Return whether a fill was told of before, whatever became of it."""
        return fill_id in self._seen

    def on_fill(self, report: FillReport) -> None:
        """Book a fill, unless it is known."""
        fill = report.fill
        known = self._seen.get(fill.fill_id)
        if known is not None:
            self._repeated(fill, known)
            return
        self._seen[fill.fill_id] = fill
        order = self._blotter.orders.get(fill.client_id) or self._adopt(fill)
        if order is not None:
            self._book(order, fill)

    def _repeated(self, fill: Fill, known: Fill) -> None:
        self._tally.duplicates += 1
        if _body(fill) != _body(known):
            self._tally.anomalies += 1
            self._blotter.alert(
                Severity.CRITICAL,
                f"fill {fill.fill_id} of {fill.symbol} came again with other terms; the first one stands",
            )

    def _book(self, order: Order, fill: Fill) -> None:
        was = order.status
        order.filled += fill.quantity
        order.turnover += fill.price * fill.quantity
        order.fees_micros += fill.fee_micros
        order.fills.append(fill)
        if was in OPEN:
            self._advance(order)
        else:
            self._late(order)
        self._bus.publish(OrderFilled(order, fill))
        if order.status is not was:
            self._blotter.announce(order)

    def _advance(self, order: Order) -> None:
        larger = order.amend_quantity or 0
        if order.filled > order.quantity and larger > order.quantity:
            order.quantity = larger  # the fill itself proves that the venue took the larger quantity
        order.leaves = order.quantity - order.filled
        if order.leaves > 0 or (order.leaves == 0 and larger > order.quantity):
            self._advance_open(order)
            return
        if order.leaves < 0:
            self._overfilled(order)
        self._blotter.settle(order, _FILLED)

    def _advance_open(self, order: Order) -> None:
        """Book a fill that leaves the order open; with an increase on its way, leaves may be 0."""
        if order.status in _UNSEEN or (order.status is _UNKNOWN and not order.venue_id):
            self._blotter.settle(order, _PARTIALLY_FILLED)
        else:
            self._blotter.touch(order)

    def _late(self, order: Order) -> None:
        self._tally.late_fills += 1
        if order.filled > order.quantity:
            self._overfilled(order)
        severity = Severity.WARNING if order.status is OrderStatus.CANCELED else Severity.CRITICAL
        self._blotter.alert(severity, f"{label(order)} was filled after it was {order.status}")
        if order.filled >= order.quantity and can_become(order.status, _FILLED):
            self._blotter.settle(order, _FILLED)
        else:
            self._blotter.touch(order)

    def _overfilled(self, order: Order) -> None:
        self._tally.overfills += 1
        over = in_words(order, order.filled - order.quantity)
        self._blotter.alert(
            Severity.CRITICAL,
            f"{label(order)} was filled {over} beyond its quantity; the position is real",
        )

    def _adopt(self, fill: Fill) -> Order | None:
        """Make an order for a fill of one we never sent, so that the position is true."""
        self._tally.orphans += 1
        instrument = self._instruments.get(fill.symbol)
        what = "its position is booked" if instrument else "its symbol is not listed: nothing is booked"
        self._blotter.alert(
            Severity.CRITICAL, f"fill {fill.fill_id} of {fill.symbol} belongs to no order of ours; {what}"
        )
        if instrument is None:
            return None
        order = Order(_external_request(fill), instrument)
        order.status = OrderStatus.WORKING
        self._blotter.enter(order)
        return order


def _body(fill: Fill) -> tuple[object, ...]:
    return (fill.client_id, fill.symbol, fill.side, fill.price, fill.quantity)


def _external_request(fill: Fill) -> OrderRequest:
    return OrderRequest(
        client_id=fill.client_id,
        number=0,
        account=fill.account,
        symbol=fill.symbol,
        side=fill.side,
        quantity=fill.quantity,
        type=OrderType.MARKET,
        origin="external",
        created_ns=fill.event_ns,
    )
