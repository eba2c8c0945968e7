"""When an order went from hand to hand: noted on the engine's thread as cheaply as can be, made into spans elsewhere."""

from __future__ import annotations

from collections.abc import Iterator

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
Step = tuple[int, object, int, int]
"""When something happened (0: as the event says), and what; it is looked into where there is time.

Of an order that begins it is when its command came (0 where none asked for it), and when the gate's check began and ended.
"""


class OrderSteps:
    """Belongs to the engine's thread, but for `take`."""

    def __init__(self, bus: Bus, tracing: Tracing, gate: TimedGate, *, is_timed: bool = False) -> None:
        """Follow orders; no clock is read where their events have the machine's time."""
        self._tracing = tracing
        self._now_ns = tracing.now_ns
        self._is_timed = is_timed
        self._orders = tracing.orders
        self._gate = gate
        self._events: list[object] = []
        self._times: list[int] = []
        """One of each event, three of one that begins an order; each is there before its event is."""
        self._most = STEPS_MAX
        self._taken = ""
        """The order of the last command."""
        self._taken_ns = 0
        """When that came."""
        bus.subscribe(CommandTaken, self._command)
        bus.subscribe(OrderSubmitted, self._begun)
        bus.subscribe(OrderDenied, self._begun)
        bus.subscribe(OrderSent, self._later)
        bus.subscribe(OrderFilled, self._filled)
        bus.subscribe(OrderChanged, self._later)

    def take(self) -> list[Step]:
        """Return what has been noted since the last time; from the thread that makes spans of it."""
        events = self._events[:]
        del self._events[: len(events)]  # what came meanwhile stays
        count = len(events) + 2 * sum(isinstance(event, Begun) for event in events)
        times = iter(self._times[:count])
        del self._times[:count]
        return [_step(event, times) for event in events]

    def _command(self, event: CommandTaken) -> None:
        if isinstance(event.command, SubmitOrder):
            self._taken = event.command.request.client_id
            self._taken_ns = event.event_ns if self._is_timed else self._now_ns()

    def _begun(self, event: Begun) -> None:
        request, gate, times = event.request, self._gate, self._times
        client_id = request.client_id
        self._orders.know(client_id, request.correlation)
        if len(self._events) >= self._most:
            self._tracing.drop()
            return
        times.append(self._taken_ns if client_id == self._taken else 0)
        times.append(gate.began_ns)
        times.append(gate.ended_ns)
        self._events.append(event)

    def _later(self, event: object) -> None:
        if len(self._events) >= self._most:
            self._tracing.drop()
            return
        self._times.append(0 if self._is_timed else self._now_ns())
        self._events.append(event)

    def _filled(self, event: OrderFilled) -> None:
        """Note a fill, whose own time is the venue's: ours is when its record was made."""
        if len(self._events) >= self._most:
            self._tracing.drop()
            return
        self._times.append(event.order.updated_ns if self._is_timed else self._now_ns())
        self._events.append(event)


def _step(event: object, times: Iterator[int]) -> Step:
    at_ns = next(times)
    return (at_ns, event, next(times), next(times)) if isinstance(event, Begun) else (at_ns, event, 0, 0)
