"""Ties the rooms together: who is called when something happens."""

from __future__ import annotations

from collections.abc import Mapping

from engine.execution.order_manager import OrderManager
from engine.messages.events import OrderChanged, OrderFilled
from engine.model.instrument import Instrument, Symbol
from engine.model.order import OrderStatus
from engine.rooms import Rooms

_WORKING = OrderStatus.WORKING


def connect(rooms: Rooms, instruments: Mapping[Symbol, Instrument]) -> None:
    """Put the order manager between gate, journal and broker, and let everyone hear of its events."""
    rooms.orders = OrderManager(
        gate=rooms.gate,
        broker=rooms.broker,
        journal=rooms.journal,
        bus=rooms.bus,
        clock=rooms.clock,
        working=rooms.working,
        instruments=instruments,
        positions=rooms.ledger.positions,
        ids=rooms.ids,
        rates=rooms.rates,
        account=rooms.account.name,
    )
    rooms.broker.connect(rooms.orders.on_report)
    _subscribe(rooms)


def _subscribe(rooms: Rooms) -> None:
    """Let fills reach the ledger, and every change of an order or a position the gate."""
    book_fill, note_changed = rooms.ledger.on_fill, rooms.gate.note_changed
    latencies, clock = rooms.latencies, rooms.clock

    def filled(event: OrderFilled) -> None:
        book_fill(event.fill)
        note_changed(event.fill.symbol)

    def changed(event: OrderChanged) -> None:
        order = event.order
        note_changed(order.symbol)
        if event.status is _WORKING and order.submitted_monotonic_ns:
            latencies.order_to_ack.record(clock.monotonic_ns() - order.submitted_monotonic_ns)
            order.submitted_monotonic_ns = 0

    rooms.bus.subscribe(OrderFilled, filled)
    rooms.bus.subscribe(OrderChanged, changed)
