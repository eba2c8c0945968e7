"""What the desk asks for: orders, amendments and cancels, gated and journalled before they leave."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from engine.bus import Bus
from engine.clock import Clock
from engine.execution.asked import amend_asked, cancel_asked, enter_denied, order_sent
from engine.execution.blotter import Blotter, in_words, label
from engine.execution.dispatch import Dispatch
from engine.execution.scribe import Scribe
from engine.messages.commands import AmendOrder, CancelOrder
from engine.messages.events import (
    AmendDenied,
    Denial,
    OrderDenied,
    OrderSubmitted,
    PairSubmitted,
    Severity,
)
from engine.messages.order_path import Request
from engine.model.instrument import Instrument, Symbol
from engine.model.order import Order, OrderRequest, OrderStatus
from engine.ports.broker import Broker, PairBroker
from engine.ports.gate import Gate

_AMENDABLE = frozenset({OrderStatus.WORKING, OrderStatus.PARTIALLY_FILLED})


class Intake:
    """The only way to the broker: gate, then journal, then dispatch."""

    __slots__ = (
        "_blotter",
        "_broker",
        "_bus",
        "_clock",
        "_dispatch",
        "_gate",
        "_instruments",
        "_scribe",
        "_touch",
    )

    def __init__(
        self,
        *,
        gate: Gate,
        broker: Broker,
        dispatch: Dispatch,
        scribe: Scribe,
        blotter: Blotter,
        bus: Bus,
        clock: Clock,
        instruments: Mapping[Symbol, Instrument],
        touch: Callable[[Symbol], tuple[int, int]],
    ) -> None:
        self._gate = gate
        self._broker = broker
        self._dispatch = dispatch
        self._scribe = scribe
        self._blotter = blotter
        self._bus = bus
        self._clock = clock
        self._instruments = instruments
        self._touch = touch

    def submit(self, request: OrderRequest) -> bool:
        """Send an order if the gate lets it pass and the journal has it; return whether it went."""
        instrument = self._instruments.get(request.symbol)
        if instrument is None or self._blotter.is_used(request.client_id):
            self._refuse_unrecorded(request, instrument)
            return False
        submitted = self._submitted(request)
        self._scribe.name(instrument)
        denials = self._gate.check(request) or self._dispatch.denied() or self._scribe.record(submitted)
        if denials:
            self._deny(Order(request, instrument), denials)
            return False
        order = self._enter(submitted, instrument)
        self._dispatch.submit(order)
        return True

    def holds_as_one(self, symbol: Symbol) -> bool:
        """Return whether the broker holds a stop and a target of a symbol as one."""
        return isinstance(self._broker, PairBroker) and self._broker.holds_as_one(symbol)

    def submit_pair(self, stop: OrderRequest, target: OrderRequest) -> bool:
        """Send two exits as one if the gate lets both pass and the journal has them; else none, and nothing is told."""
        instrument = self._instruments[stop.symbol]
        submitted = PairSubmitted(self._submitted(stop), self._submitted(target))
        self._scribe.name(instrument)
        denials = (
            self._gate.check(stop)
            or self._gate.check(target)
            or self._dispatch.denied()
            or self._scribe.record(submitted)
        )
        if denials:
            return False
        orders = [self._enter(each, instrument) for each in (submitted.stop, submitted.target)]
        self._dispatch.submit_pair(*orders)
        return True

    def _submitted(self, request: OrderRequest) -> OrderSubmitted:
        return OrderSubmitted(request, self._clock.now_ns(), *self._touch(request.symbol))

    def _enter(self, submitted: OrderSubmitted, instrument: Instrument) -> Order:
        """Take in an order that is written down and about to leave."""
        order = order_sent(submitted, instrument)
        order.submitted_monotonic_ns = self._clock.monotonic_ns()
        self._gate.note_sent(submitted.request)
        self._blotter.enter(order)
        self._bus.publish(submitted)
        return order

    def _deny(self, order: Order, denials: tuple[Denial, ...]) -> None:
        self._publish_denied(order.request, denials)
        enter_denied(self._blotter, order, denials)

    def _refuse_unrecorded(self, request: OrderRequest, instrument: Instrument | None) -> None:
        if instrument is None:
            denial = Denial("instrument", f"{request.symbol} is not listed")
        else:
            denial = Denial("duplicate_id", f"order id {request.client_id} was used before")
        self._publish_denied(request, (denial,))

    def _publish_denied(self, request: OrderRequest, denials: tuple[Denial, ...]) -> None:
        denied = OrderDenied(request, denials, self._clock.now_ns())
        self._scribe.note(denied)
        self._bus.publish(denied)

    def cancel(self, client_id: str, origin: str) -> bool:
        """Ask the venue to take an order back; return whether the request went out.

        A cancel is never gated, and goes out even when the journal can't be written. While one is on
        its way a second is not sent.
        """
        order = self._blotter.orders.get(client_id)
        if order is None or not order.is_open:
            what = f"order {client_id} is not known" if order is None else f"{label(order)} is {order.status}"
            self._blotter.alert(Severity.INFO, f"nothing to cancel: {what}")
            return False
        if order.status is OrderStatus.PENDING_CANCEL:
            return False
        if not self._dispatch.withdraw(order):
            self.cancel_there(client_id, origin)
        return True

    def cancel_there(self, client_id: str, origin: str) -> None:
        """Send a cancel whatever is known of the order here, and whether one was handed on before or not."""
        self._scribe.note(CancelOrder(client_id, origin, self._blotter.cause.id))
        order = self._blotter.orders.get(client_id)
        if order is not None:
            cancel_asked(self._blotter, order)
        self._broker.cancel(client_id)
        if order is not None:
            self._blotter.sent(order, Request.CANCEL)

    def amend(
        self, client_id: str, quantity: int | None, limit: int | None, stop: int | None, origin: str
    ) -> bool:
        """Ask the venue to change an order; None leaves a value as it is. Return whether it went out."""
        order = self._blotter.orders.get(client_id)
        if order is None:
            self._deny_amend(client_id, (Denial("state", f"order {client_id} is not known"),))
            return False
        quantity = order.quantity if quantity is None else quantity
        limit = order.limit if limit is None else limit
        stop = order.stop if stop is None else stop
        command = AmendOrder(client_id, quantity, limit, stop, origin, self._blotter.cause.id)
        denials = (
            _unamendable(order, quantity)
            or self._gate.check_amend(order, quantity, limit, stop, origin)
            or self._dispatch.denied()
            or self._scribe.record(command)
        )
        if denials:
            self._deny_amend(client_id, denials)
            return False
        amend_asked(self._blotter, order, quantity, limit, stop)
        self._dispatch.amend(order)
        return True

    def _deny_amend(self, client_id: str, denials: tuple[Denial, ...]) -> None:
        denied = AmendDenied(client_id, denials, self._clock.now_ns())
        self._scribe.note(denied)
        self._bus.publish(denied)


def _unamendable(order: Order, quantity: int) -> tuple[Denial, ...]:
    if order.status not in _AMENDABLE:
        return (Denial("state", f"{label(order)} is {order.status}; only a working order can be amended"),)
    if order.cancel_wanted:
        return (Denial("state", f"{label(order)} is to be cancelled; it can't be amended any more"),)
    if quantity <= order.filled:
        text = f"{label(order)} already filled {in_words(order, order.filled)}; the new total must be more"
        return (Denial("state", text),)
    return ()
