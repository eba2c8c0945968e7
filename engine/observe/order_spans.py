"""The life of an order as spans, made after the fact of the times at which it went from hand to hand.

`order` is from the command to the broker's first word, and has three parts: `gate`, `journal` (written, and as safe as the settings
want it), `broker`. What comes later in the order's life is a part of it too: each fill, from the one before; each change and cancel.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from engine.messages.order_path import Request
from engine.model.order import OrderRequest, OrderStatus
from engine.model.trace_context import TraceContext
from engine.observe.order_steps import Begun, Changed, Filled, Sent, Step
from engine.observe.tracing import ORDERS_MAX, Tracing
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
        for step in steps:
            if isinstance(step, Begun):
                self._begin(step)
            elif (life := self._lives.get(step.client_id)) is not None:
                self._go_on(step, life)

    def _go_on(self, step: Sent | Filled | Changed, life: _Life) -> None:
        match step:
            case Sent():
                self._sent(step, life)
            case Filled():
                self._filled(step, life)
            case Changed():
                self._changed(step, life)

    def _begin(self, step: Begun) -> None:
        began_ns = step.taken_ns or step.checked_ns
        whole = Span("order", Kind.INTERNAL, step.context, step.parent, began_ns, _terms(step.request))
        if step.checked_ns >= began_ns:  # what was refused before the gate has no check of its own
            self._part(whole.context, "gate", step.checked_ns, step.gated_ns)
        if step.reasons:
            whole.failure = "; ".join(text for _, text in step.reasons)
            whole.attributes["touchline.denied_by"] = ", ".join(rule for rule, _ in step.reasons)
            self._tracing.end(whole, max(step.gated_ns, began_ns))
            return
        if len(self._lives) >= ORDERS_MAX:
            del self._lives[next(iter(self._lives))]
        self._lives[step.request.client_id] = _Life(whole, step.gated_ns)

    def _sent(self, step: Sent, life: _Life) -> None:
        if step.request is not Request.SUBMIT:
            life.asked = self._tracing.begin(
                f"order {step.request}", Kind.INTERNAL, _named(step), life.whole.context, step.at_ns
            )
        elif not life.sent_ns:
            life.sent_ns = step.at_ns
            self._part(life.whole.context, "journal", life.gated_ns, step.at_ns)

    def _filled(self, step: Filled, life: _Life) -> None:
        self._answer(life, step, "")
        fill = step.fill
        attributes = _named(step) | {
            "touchline.fill_id": fill.fill_id,
            "touchline.price": fill.price,
            "touchline.quantity": fill.quantity,
            "touchline.leaves": step.leaves,
        }
        self._part(life.whole.context, "order fill", life.moved_ns, step.at_ns, attributes)
        life.moved_ns = step.at_ns

    def _changed(self, step: Changed, life: _Life) -> None:
        if step.status in _UNDERWAY:
            return
        self._answer(life, step, "" if step.status in _TAKEN else step.reason or step.status.value)
        if (asked := life.asked) is not None:
            life.asked = None
            asked.attributes["touchline.status"] = step.status.value
            self._tracing.end(asked, step.at_ns)
        if not step.status.is_open:
            del self._lives[step.client_id]

    def _answer(self, life: _Life, step: Filled | Changed, failure: str) -> None:
        """End the order's own span with the broker's first word, if it is the first."""
        if life.answered:
            return
        life.answered, life.moved_ns = True, step.at_ns
        life.whole.attributes["touchline.status"] = step.status.value
        life.whole.failure = failure
        if life.sent_ns:
            self._part(life.whole.context, "broker", life.sent_ns, step.at_ns)
        self._tracing.end(life.whole, step.at_ns)

    def _part(
        self,
        whole: TraceContext,
        name: str,
        began_ns: int,
        ended_ns: int,
        attributes: dict[str, Value] | None = None,
    ) -> None:
        self._tracing.end(
            self._tracing.begin(name, Kind.INTERNAL, attributes or {}, whole, began_ns), ended_ns
        )


def _named(step: Sent | Filled | Changed) -> dict[str, Value]:
    return {"touchline.client_id": step.client_id}


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
