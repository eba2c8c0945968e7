"""Every order of the run, and the one place where an order changes."""

from __future__ import annotations

from typing import Final

from engine.bus import Bus
from engine.clock import Clock
from engine.execution.movement import Movement
from engine.execution.order_state import OPEN, transition
from engine.messages.events import AlertRaised, OrderChanged, Severity
from engine.messages.order_path import OrderSent, Request
from engine.model.cause import Cause
from engine.model.order import Order, OrderStatus
from engine.model.working_orders import WorkingOrders

_SOURCE = "orders"
ENDED_MAX: Final = 3_000
"""Orders that ended and are in sight, at most."""
ENDED_LEFT: Final = 2_000
"""How many of them stay, those that ended last, once there are so many; the journal and the projection keep all."""


class Blotter:
    """Holds the orders, keeps the index of open ones true, and tells the bus what changed."""

    __slots__ = (
        "_bus",
        "_changed",
        "_clock",
        "_working",
        "cause",
        "ended_left",
        "ended_max",
        "forgotten",
        "movement",
        "now_ns",
        "orders",
        "steady_ns",
    )

    def __init__(self, bus: Bus, clock: Clock, working: WorkingOrders) -> None:
        self._bus = bus
        self._clock = clock
        self.steady_ns = clock.monotonic_ns
        """The machine's steady time, for how long something waits."""
        self._working = working
        self.cause = Cause()
        """Which command is carried out now."""
        self.movement = Movement()
        """In which order things moved."""
        self.now_ns = 0
        """When what changes the orders now was written down: set by whoever writes it, or reads it back."""
        self._changed: dict[str, Order] = {}
        self.orders: dict[str, Order] = {}
        """Every order in sight by its client id, denied ones too."""
        self.forgotten: dict[str, None] = {}
        """The ids of orders that ended and are out of sight: they stay ours."""
        self.ended_max, self.ended_left = ENDED_MAX, ENDED_LEFT
        """The same in every copy of an account."""

    def enter(self, order: Order) -> None:
        """Take in a new order; an open one is indexed as working. What ended long before makes room."""
        if len(self.orders) - len(self._working) >= self.ended_max:
            self._make_room()
        self.orders[order.client_id] = order
        if order.status in OPEN:
            self._working.add(order)
        self.touch(order)

    def restore(self, order: Order) -> None:
        """Take in an order as it was when it was captured."""
        self.orders[order.client_id] = self._changed[order.client_id] = order
        if order.status in OPEN:
            self._working.add(order)

    def is_used(self, client_id: str) -> bool:
        """Tell whether an id was an order's, in sight or not."""
        return client_id in self.orders or client_id in self.forgotten

    def forget(self, before_ns: int) -> None:
        """Put the orders out of sight that ended before a time."""
        for key, order in self._ended():
            if order.updated_ns < before_ns:
                self._drop(key)

    def _make_room(self) -> None:
        """Put the orders out of sight that ended first; which ones, their records alone decide, so that every copy does the same."""
        ended = sorted(self._ended(), key=lambda each: each[1].updated_ns)
        for key, _ in ended[: max(0, len(ended) - self.ended_left)]:
            self._drop(key)

    def _ended(self) -> list[tuple[str, Order]]:
        """Return the orders that ended and that none which works belongs to, in the order in which they came."""
        needed = {name for order in self._working for name in (order.request.parent, order.request.group)}
        return [
            (key, order)
            for key, order in self.orders.items()
            if order.status not in OPEN
            and needed.isdisjoint((key, order.request.group or key, order.request.parent or key))
        ]

    def _drop(self, key: str) -> None:
        del self.orders[key]
        self._changed.pop(key, None)
        self.forgotten[key] = None

    def touch(self, order: Order) -> None:
        """Note that an order changed, without an event of its own."""
        order.updated_ns = self.now_ns
        order.moment = self.movement.next()
        self.show(order)

    def show(self, order: Order) -> None:
        """Have an order shown again, though nothing happened to it."""
        order.version += 1
        changed, client_id = self._changed, order.client_id
        changed.pop(client_id, None)
        changed[client_id] = order

    def settle(self, order: Order, status: OrderStatus, reason: str = "") -> None:
        """Move an order to a state, silently; `announce` tells of it.

        Raises:
            InvalidTransition: its state does not lead there; nothing changed.
        """
        was_open = order.status in OPEN
        transition(order, status)
        if reason:
            order.reason = reason
        if status not in OPEN:
            order.leaves = 0
            forget_amend(order)
            self._working.discard(order)
        elif not was_open:
            order.leaves = max(0, order.quantity - order.filled)
            self._working.add(order)
        self.touch(order)

    def announce(self, order: Order) -> None:
        """Tell the bus that an order's state or terms changed."""
        status = order.status
        moved = order.told is not status
        order.told = status
        self._bus.publish(OrderChanged(order, status, order.updated_ns, moved))

    def move(self, order: Order, status: OrderStatus, reason: str = "") -> None:
        """Move an order to a state and tell the bus.

        Raises:
            InvalidTransition: its state does not lead there; nothing changed.
        """
        self.settle(order, status, reason)
        self.announce(order)

    def sent(self, order: Order, request: Request) -> None:
        """Tell the bus that a request about an order was handed to the broker."""
        self._bus.publish(OrderSent(order, request, self._clock.now_ns()))

    def alert(self, severity: Severity, text: str) -> None:
        """Raise an alert for the person at the desk."""
        self._bus.publish(AlertRaised(severity, _SOURCE, text, self._clock.now_ns()))

    def take_changed(self) -> tuple[Order, ...]:
        """Return the orders that changed since the last call, each once, in order of last change.

        What waits to be taken can't grow beyond the orders of the run, and nothing is left out of it.
        """
        taken = tuple(self._changed.values())
        self._changed.clear()
        return taken


def forget_amend(order: Order) -> None:
    """Drop the terms of an amendment that is no longer on its way."""
    order.amend_quantity = None
    order.amend_limit = None
    order.amend_stop = None


def in_words(order: Order, units: int) -> str:
    """Write a size of an order's instrument for a person: "0.25"."""
    return f"{order.instrument.size(units).normalize():f}"


def label(order: Order) -> str:
    """Name an order for a person: "#12 AAPL"."""
    return f"#{order.request.number} {order.symbol}"
