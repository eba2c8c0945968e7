"""The life of an order as spans, made after the fact of the times at which it went from hand to hand.

`order` is from the command to the broker's first word, and has three parts: `gate`, `journal` (written, and as safe as the settings
want it), `broker`. What comes later in the order's life is a part of it too: each fill, from the one before; each change and cancel.
"""

from __future__ import annotations

from typing import Final

from engine.bus import Bus
from engine.messages.commands import SubmitOrder
from engine.messages.events import OrderChanged, OrderDenied, OrderFilled, OrderSubmitted
from engine.messages.order_path import CommandTaken, OrderSent, Request
from engine.model.order import Order, OrderRequest, OrderStatus
from engine.observe.timed_gate import TimedGate
from engine.observe.tracing import ORDERS_MAX, Tracing
from engine.ports.tracing import Kind, Span, Value

_UNDERWAY: Final = frozenset(
    {OrderStatus.PENDING_NEW, OrderStatus.PENDING_CANCEL, OrderStatus.PENDING_REPLACE}
)
_TAKEN: Final = frozenset({OrderStatus.WORKING, OrderStatus.PARTIALLY_FILLED, OrderStatus.FILLED})


class _Life:
    """What is known of an order that may still go on."""

    __slots__ = ("answered_ns", "asked", "gated_ns", "moved_ns", "sent_ns", "whole")

    def __init__(self, whole: Span, gated_ns: int) -> None:
        self.whole = whole
        self.gated_ns = gated_ns
        self.sent_ns = 0
        self.answered_ns = 0
        self.moved_ns = 0
        """When the last fill came, else the broker's first word."""
        self.asked: Span | None = None
        """The change or the cancel that has no answer yet."""


class OrderSpans:
    """Notes on the engine's thread when an order went on; belongs to that thread."""

    def __init__(self, bus: Bus, tracing: Tracing, gate: TimedGate) -> None:
        self._tracing = tracing
        self._gate = gate
        self._lives: dict[str, _Life] = {}
        self._taken = ("", 0)
        """The order of the last command, and when that came."""
        bus.subscribe(CommandTaken, self._command)
        bus.subscribe(OrderSubmitted, self._submitted)
        bus.subscribe(OrderDenied, self._denied)
        bus.subscribe(OrderSent, self._sent)
        bus.subscribe(OrderFilled, self._filled)
        bus.subscribe(OrderChanged, self._changed)

    def _command(self, event: CommandTaken) -> None:
        if isinstance(event.command, SubmitOrder):
            self._taken = (event.command.request.client_id, self._tracing.now_ns())

    def _submitted(self, event: OrderSubmitted) -> None:
        lives, request = self._lives, event.request
        if len(lives) >= ORDERS_MAX:
            del lives[next(iter(lives))]
        lives[request.client_id] = _Life(self._begun(request), self._gate.ended_ns)

    def _denied(self, event: OrderDenied) -> None:
        whole = self._begun(event.request)
        whole.failure = "; ".join(denial.text for denial in event.denials)
        whole.attributes["touchline.denied_by"] = ", ".join(denial.rule for denial in event.denials)
        self._tracing.end(whole)

    def _begun(self, request: OrderRequest) -> Span:
        """Return the span of an order that the gate has judged, with the gate's own ended."""
        tracing, gate = self._tracing, self._gate
        client_id, taken_ns = self._taken
        began_ns = taken_ns if client_id == request.client_id else gate.began_ns
        parent = tracing.current or tracing.of_order(request.correlation)
        whole = tracing.begin("order", Kind.INTERNAL, _terms(request), parent, began_ns)
        if gate.began_ns >= began_ns:  # what was refused before the gate has no check of its own
            self._part(whole, "gate", gate.began_ns, gate.ended_ns)
        for name in (request.client_id, request.correlation):
            if name and tracing.of_order(name) is None:
                tracing.keep_order(name, whole.context)
        return whole

    def _sent(self, event: OrderSent) -> None:
        life = self._lives.get(event.order.client_id)
        if life is None:
            return
        now_ns = self._tracing.now_ns()
        if event.request is not Request.SUBMIT:
            attributes: dict[str, Value] = {"touchline.client_id": event.order.client_id}
            name = f"order {event.request}"
            life.asked = self._tracing.begin(name, Kind.INTERNAL, attributes, life.whole.context)
        elif not life.sent_ns:
            life.sent_ns = now_ns
            self._part(life.whole, "journal", life.gated_ns, now_ns)

    def _filled(self, event: OrderFilled) -> None:
        life, fill = self._lives.get(event.order.client_id), event.fill
        if life is None:
            return
        self._answer(life, event.order, "")
        now_ns = self._tracing.now_ns()
        attributes: dict[str, Value] = {
            "touchline.client_id": event.order.client_id,
            "touchline.fill_id": fill.fill_id,
            "touchline.price": fill.price,
            "touchline.quantity": fill.quantity,
            "touchline.leaves": event.order.leaves,
        }
        self._part(life.whole, "order fill", life.moved_ns, now_ns, attributes)
        life.moved_ns = now_ns

    def _changed(self, event: OrderChanged) -> None:
        order = event.order
        life = self._lives.get(order.client_id)
        if life is None or event.status in _UNDERWAY:
            return
        self._answer(life, order, "" if event.status in _TAKEN else order.reason or event.status.value)
        if (asked := life.asked) is not None:
            life.asked = None
            asked.attributes["touchline.status"] = event.status.value
            self._tracing.end(asked)
        if not order.is_open:
            del self._lives[order.client_id]

    def _answer(self, life: _Life, order: Order, failure: str) -> None:
        """End the order's own span with the broker's first word, if it is the first."""
        if life.answered_ns:
            return
        life.answered_ns = life.moved_ns = now_ns = self._tracing.now_ns()
        life.whole.attributes["touchline.status"] = order.status.value
        life.whole.failure = failure
        if life.sent_ns:
            self._part(life.whole, "broker", life.sent_ns, now_ns)
        self._tracing.end(life.whole, now_ns)

    def _part(
        self,
        whole: Span,
        name: str,
        began_ns: int,
        ended_ns: int,
        attributes: dict[str, Value] | None = None,
    ) -> None:
        part = self._tracing.begin(name, Kind.INTERNAL, attributes or {}, whole.context, began_ns)
        self._tracing.end(part, ended_ns)


def _terms(request: OrderRequest) -> dict[str, Value]:
    return {
        "touchline.client_id": request.client_id,
        "touchline.correlation": request.correlation,
        "touchline.symbol": str(request.symbol),
        "touchline.side": request.side.name.lower(),
        "touchline.type": request.type.value,
        "touchline.quantity": request.quantity,
        "touchline.origin": request.origin,
    }
