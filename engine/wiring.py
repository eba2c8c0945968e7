"""Ties the rooms together: who is called when something happens."""

from __future__ import annotations

from engine.messages.events import OrderChanged, OrderFilled
from engine.model.order import OrderStatus
from engine.rooms import Rooms


def connect(rooms: Rooms) -> None:
    """Let fills reach the ledger, and every change of order or position the gate."""
    ledger, gate, latencies, clock = rooms.ledger, rooms.gate, rooms.latencies, rooms.clock

    def filled(event: OrderFilled) -> None:
        ledger.on_fill(event.fill)
        gate.note_changed(event.fill.symbol)

    def changed(event: OrderChanged) -> None:
        order = event.order
        gate.note_changed(order.symbol)
        if event.status is OrderStatus.WORKING and order.submitted_monotonic_ns:
            latencies.order_to_ack.record(clock.monotonic_ns() - order.submitted_monotonic_ns)
            order.submitted_monotonic_ns = 0

    rooms.bus.subscribe(OrderFilled, filled)
    rooms.bus.subscribe(OrderChanged, changed)
    rooms.broker.connect(rooms.orders.on_report)
