"""The life of an order as spans, made after the fact of the times at which it went from hand to hand.

`order` is from the command to the broker's first word, and has three parts: `gate`, `journal` (written, and as safe as the settings
want it), `broker`. What comes later in the order's life is a part of it too: each fill, from the one before; each change and cancel.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from engine.messages.events import OrderChanged, OrderDenied, OrderFilled, OrderSubmitted
from engine.messages.order_path import OrderSent, Request
from engine.model.order import OrderRequest, OrderStatus
from engine.model.trace_context import TraceContext
from engine.observe.order_contexts import ORDERS_MAX
from engine.observe.step_reader import Begun, Later, Step
from engine.observe.tracing import Tracing
from engine.ports.tracing import Kind, Span, Value

_UNDERWAY: Final = frozenset(
    {OrderStatus.PENDING_NEW, OrderStatus.PENDING_CANCEL, OrderStatus.PENDING_REPLACE}
)
_TAKEN: Final = frozenset({OrderStatus.WORKING, OrderStatus.PARTIALLY_FILLED, OrderStatus.FILLED})


class _Life:
    """What is known of an order that may still go on."""

    __slots__ = ("answered", "asked", "gated_ns", "moved_ns", "sent_ns", "whole")

    def __init__(self, whole: Span, gated_ns: int) -> None:
        self.whole = whole
        self.gated_ns = gated_ns
        self.sent_ns = 0
        self.answered = False
        self.moved_ns = 0
        """When the last fill came, else the broker's first word."""
        self.asked: Span | None = None
        """The change or the cancel that has no answer yet."""


class OrderSpans:
    """Belongs to the thread that sends spans."""

    def __init__(self, tracing: Tracing) -> None:
        self._tracing = tracing
        self._lives: dict[str, _Life] = {}

    def take(self, steps: Iterable[Step]) -> None:
        """Go on with the lives of orders, in the order in which things happened."""
        for at_ns, event, checked_ns, gated_ns in steps:
            if isinstance(event, OrderSubmitted | OrderDenied):
                self._begin(event, at_ns, checked_ns, gated_ns)
            elif (life := self._lives.get(event.order.client_id)) is not None:
                self._go_on(event, at_ns, life)

    def _begin(self, event: Begun, began_ns: int, checked_ns: int, gated_ns: int) -> None:
        request = event.request
        parent, context = self._tracing.orders.order(request.client_id)
        if isinstance(event, OrderDenied):  # its id may be that of another order, which is why
            context = self._tracing.within(parent)
        whole = Span("order", Kind.INTERNAL, context, parent, began_ns, _terms(request))
        if checked_ns:
            self._part(context, "gate", checked_ns, gated_ns)
        if isinstance(event, OrderDenied):
            whole.failure = "; ".join(denial.text for denial in event.denials)
            whole.attributes["touchline.denied_by"] = ", ".join(denial.rule for denial in event.denials)
            self._tracing.end(whole, max(gated_ns, began_ns))
            return
        if len(self._lives) >= ORDERS_MAX:
            del self._lives[next(iter(self._lives))]
        self._lives[request.client_id] = _Life(whole, gated_ns)

    def _go_on(self, event: Later, at_ns: int, life: _Life) -> None:
        match event:
            case OrderSent():
                self._sent(event, at_ns, life)
            case OrderFilled():
                self._filled(event, at_ns, life)
            case OrderChanged():
                self._changed(event, at_ns, life)

    def _sent(self, event: OrderSent, at_ns: int, life: _Life) -> None:
        if event.request is not Request.SUBMIT:
            name, about = f"order {event.request}", _named(event)
            life.asked = self._tracing.begin(name, Kind.INTERNAL, about, life.whole.context, at_ns)
        elif not life.sent_ns:
            life.sent_ns = at_ns
            self._part(life.whole.context, "journal", life.gated_ns, at_ns)

    def _filled(self, event: OrderFilled, at_ns: int, life: _Life) -> None:
        fill = event.fill
        self._answer(life, at_ns, "filled")
        attributes = _named(event) | {
            "touchline.fill_id": fill.fill_id,
            "touchline.price": fill.price,
            "touchline.quantity": fill.quantity,
        }
        self._part(life.whole.context, "order fill", life.moved_ns, at_ns, attributes)
        life.moved_ns = at_ns

    def _changed(self, event: OrderChanged, at_ns: int, life: _Life) -> None:
        order, status = event.order, event.status
        if status in _UNDERWAY:
            return
        self._answer(life, at_ns, status.value, "" if status in _TAKEN else order.reason or status.value)
        if (asked := life.asked) is not None:
            life.asked = None
            asked.attributes["touchline.status"] = status.value
            self._tracing.end(asked, at_ns)
        if not status.is_open:
            del self._lives[order.client_id]

    def _answer(self, life: _Life, at_ns: int, status: str, failure: str = "") -> None:
        """End the order's own span with the broker's first word, if it is the first."""
        if life.answered:
            return
        life.answered, life.moved_ns = True, at_ns
        life.whole.attributes["touchline.status"] = status
        life.whole.failure = failure
        if life.sent_ns:
            self._part(life.whole.context, "broker", life.sent_ns, at_ns)
        self._tracing.end(life.whole, at_ns)

    def _part(
        self,
        whole: TraceContext,
        name: str,
        began_ns: int,
        ended_ns: int,
        attributes: dict[str, Value] | None = None,
    ) -> None:
        part = self._tracing.begin(name, Kind.INTERNAL, attributes or {}, whole, began_ns)
        self._tracing.end(part, ended_ns)


def _named(event: Later) -> dict[str, Value]:
    return {"touchline.client_id": event.order.client_id}


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
