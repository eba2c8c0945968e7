"""When an order went from hand to hand: noted on the engine's thread as cheaply as can be, made into spans elsewhere."""

from __future__ import annotations

from engine.bus import Bus
from engine.messages.events import OrderChanged, OrderDenied, OrderFilled, OrderSubmitted
from engine.messages.order_path import CommandTaken, OrderSent
from engine.observe.timed_gate import TimedGate
from engine.observe.tracing import Tracing


class OrderSteps:
    """Notes the events of orders where the gate's checks are noted; belongs to the engine's thread.

    What is noted is an event that says itself when it happened, by the machine's time; beside one that does not, or where the account has
    another time, stands when that was: `(at_ns, event)`.
    """

    def __init__(self, bus: Bus, tracing: Tracing, gate: TimedGate, *, is_timed: bool = False) -> None:
        """Follow orders; where their events have the machine's time, those that need nothing more go to the queue as they are."""
        self._tracing = tracing
        self._now_ns = tracing.now_ns
        self._noted = gate.noted
        note = self._noted.append if is_timed else self._stamped
        bus.subscribe(CommandTaken, note)
        bus.subscribe(OrderSubmitted, note)
        bus.subscribe(OrderSent, note)
        bus.subscribe(OrderChanged, note)
        bus.subscribe(OrderDenied, self._denied)
        bus.subscribe(OrderFilled, self._filled if is_timed else self._stamped)

    def _stamped(self, event: object) -> None:
        self._noted.append((self._now_ns(), event))

    def _filled(self, event: OrderFilled) -> None:
        """Note a fill, whose own time is the venue's: ours is when its record was made."""
        self._noted.append((event.order.updated_ns, event))

    def _denied(self, event: OrderDenied) -> None:
        """Note an order that was refused, perhaps before the gate was asked."""
        self._tracing.orders.know(event.request.client_id, event.request.correlation)
        self._noted.append((self._now_ns(), event))
