"""When an order went from hand to hand: noted on the engine's thread as cheaply as can be, made into spans elsewhere."""

from __future__ import annotations

from collections import deque

from engine.bus import Bus
from engine.messages.commands import SubmitOrder
from engine.messages.events import OrderChanged, OrderDenied, OrderFilled, OrderSubmitted
from engine.messages.order_path import CommandTaken, OrderSent
from engine.observe.timed_gate import TimedGate
from engine.observe.tracing import Tracing

STEPS_MAX = 40_000
"""How many may wait for the thread that makes spans of them."""

Begun = OrderSubmitted | OrderDenied
Later = OrderSent | OrderFilled | OrderChanged
Times = tuple[int, int, int]
"""When the command came (0 where none asked for the order), and when the gate's check began and ended."""
Step = tuple[int, Begun | Later, Times | None]
"""When something happened, what, and of an order that begins how it came this far."""


class OrderSteps:
    """Belongs to the engine's thread, but for `take`."""

    def __init__(self, bus: Bus, tracing: Tracing, gate: TimedGate) -> None:
        self._tracing = tracing
        self._now_ns = tracing.now_ns
        self._orders = tracing.orders
        self._gate = gate
        self._steps: deque[Step] = deque()
        self._most = STEPS_MAX
        self._taken = ("", 0)
        """The order of the last command, and when that came."""
        bus.subscribe(CommandTaken, self._command)
        bus.subscribe(OrderSubmitted, self._begun)
        bus.subscribe(OrderDenied, self._begun)
        bus.subscribe(OrderSent, self._later)
        bus.subscribe(OrderFilled, self._later)
        bus.subscribe(OrderChanged, self._later)

    def take(self) -> list[Step]:
        """Return what has been noted since the last time; from the thread that makes spans of it."""
        steps = self._steps
        return [steps.popleft() for _ in range(len(steps))]

    def _command(self, event: CommandTaken) -> None:
        if isinstance(event.command, SubmitOrder):
            self._taken = (event.command.request.client_id, self._now_ns())

    def _begun(self, event: Begun) -> None:
        request, gate = event.request, self._gate
        client_id, taken_ns = self._taken
        self._orders.know(request.client_id, request.correlation)
        if client_id != request.client_id:
            taken_ns = 0
        self._note((self._now_ns(), event, (taken_ns, gate.began_ns, gate.ended_ns)))

    def _later(self, event: Later) -> None:
        self._note((self._now_ns(), event, None))

    def _note(self, step: Step) -> None:
        if len(self._steps) < self._most:
            self._steps.append(step)
        else:
            self._tracing.drop()
