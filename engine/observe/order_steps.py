"""When an order went from hand to hand: noted on the engine's thread as cheaply as can be, made into spans elsewhere."""

from __future__ import annotations

from collections import deque
from typing import Final, NamedTuple

from engine.bus import Bus
from engine.messages.commands import SubmitOrder
from engine.messages.events import OrderChanged, OrderDenied, OrderFilled, OrderSubmitted
from engine.messages.order_path import CommandTaken, OrderSent, Request
from engine.model.fill import Fill
from engine.model.order import OrderRequest, OrderStatus
from engine.model.trace_context import TraceContext
from engine.observe.timed_gate import TimedGate
from engine.observe.tracing import Tracing

STEPS_MAX: Final = 40_000
"""How many may wait for the thread that makes spans of them."""


class Begun(NamedTuple):
    """The gate has judged an order; `reasons` are those of a refusal, by the rule."""

    request: OrderRequest
    context: TraceContext
    parent: TraceContext | None
    taken_ns: int
    """When the command came; 0 for an order that no command asked for."""
    checked_ns: int
    gated_ns: int
    reasons: tuple[tuple[str, str], ...] = ()


class Sent(NamedTuple):
    """A request about an order was handed to the broker."""

    client_id: str
    at_ns: int
    request: Request


class Filled(NamedTuple):
    """Some of an order was traded."""

    client_id: str
    at_ns: int
    fill: Fill
    leaves: int
    status: OrderStatus


class Changed(NamedTuple):
    """An order moved to a status."""

    client_id: str
    at_ns: int
    status: OrderStatus
    reason: str


Step = Begun | Sent | Filled | Changed


class OrderSteps:
    """Belongs to the engine's thread, but for `take`."""

    def __init__(self, bus: Bus, tracing: Tracing, gate: TimedGate) -> None:
        self._tracing = tracing
        self._now_ns = tracing.now_ns
        self._gate = gate
        self._steps: deque[Step] = deque()
        self._taken = ("", 0)
        """The order of the last command, and when that came."""
        bus.subscribe(CommandTaken, self._command)
        bus.subscribe(OrderSubmitted, self._submitted)
        bus.subscribe(OrderDenied, self._denied)
        bus.subscribe(OrderSent, self._sent)
        bus.subscribe(OrderFilled, self._filled)
        bus.subscribe(OrderChanged, self._changed)

    def take(self) -> list[Step]:
        """Return what has been noted since the last time; from the thread that makes spans of it."""
        steps = self._steps
        return [steps.popleft() for _ in range(len(steps))]

    def _note(self, step: Step) -> None:
        if len(self._steps) < STEPS_MAX:
            self._steps.append(step)
        else:
            self._tracing.drop()

    def _command(self, event: CommandTaken) -> None:
        if isinstance(event.command, SubmitOrder):
            self._taken = (event.command.request.client_id, self._now_ns())

    def _submitted(self, event: OrderSubmitted) -> None:
        self._note(self._begun(event.request))

    def _denied(self, event: OrderDenied) -> None:
        reasons = tuple((denial.rule, denial.text) for denial in event.denials)
        self._note(self._begun(event.request)._replace(reasons=reasons))

    def _begun(self, request: OrderRequest) -> Begun:
        """Return how an order began: a part of what asked for it, else of the first order of the same correlation."""
        tracing, gate = self._tracing, self._gate
        client_id, taken_ns = self._taken
        parent = tracing.current or tracing.of_order(request.correlation)
        context = tracing.within(parent)
        tracing.keep_order(request.client_id, context)
        if request.correlation and tracing.of_order(request.correlation) is None:
            tracing.keep_order(request.correlation, context)
        taken_ns = taken_ns if client_id == request.client_id else 0
        return Begun(request, context, parent, taken_ns, gate.began_ns, gate.ended_ns)

    def _sent(self, event: OrderSent) -> None:
        self._note(Sent(event.order.client_id, self._now_ns(), event.request))

    def _filled(self, event: OrderFilled) -> None:
        order = event.order
        self._note(Filled(order.client_id, self._now_ns(), event.fill, order.leaves, order.status))

    def _changed(self, event: OrderChanged) -> None:
        order = event.order
        self._note(Changed(order.client_id, self._now_ns(), event.status, order.reason))
