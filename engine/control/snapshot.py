"""Takes the status of a running engine, on its own thread."""

from __future__ import annotations

import os
from collections.abc import Iterator

from engine.clock import NS_PER_S
from engine.control.status import (
    BrokerStatus,
    DeskStatus,
    Doubt,
    FeedStatus,
    JournalStatus,
    OpenOrder,
    Scope,
    Trading,
    Unwell,
)
from engine.execution.breaks import ORDER_ID
from engine.execution.compare import FOREIGN
from engine.messages.comparison_views import BreakKind, BreakState
from engine.messages.views import HealthState
from engine.model.order import OrderStatus
from engine.risk.halt import Halt
from engine.rooms import Rooms
from engine.version import program_version

_UNWELL = frozenset({HealthState.DEGRADED, HealthState.DOWN})


def desk_status(rooms: Rooms, *, started_ns: int, hashed: bool) -> DeskStatus:
    """Return how the desk is now; `started_ns` is the steady time of its start.

    The state's hash is taken over every order and fill, so only where it is asked for.
    """
    journal = rooms.journal
    return DeskStatus(
        mode=rooms.account.mode.value,
        account=rooms.account.name,
        run=rooms.ids.run,
        version=program_version(),
        pid=os.getpid(),
        uptime_s=round((rooms.clock.monotonic_ns() - started_ns) / NS_PER_S, 1),
        arming=rooms.arming.view(),
        trading=_trading(rooms),
        orders=_orders(rooms),
        positions=_positions(rooms),
        breaks=_breaks(rooms),
        journal=JournalStatus(journal.sequence, journal.durable, journal.refusal),
        state_hash=rooms.replica.digest() if hashed else None,
        feed=_feed(rooms),
        doubts=tuple(_doubts(rooms)),
        broker=_broker(rooms),
        flattening=rooms.orders.exits.view().flattening,
        unwell=tuple(_unwell(rooms)),
        lock=rooms.lock,
        alarms=rooms.alarms.view,
    )


def _trading(rooms: Rooms) -> Trading:
    halts = rooms.halts
    return Trading(
        _scope("", halts.everything),
        tuple(_scope(symbol, halt) for symbol, halt in halts.symbols.items()),
        tuple(_scope(strategy, halt) for strategy, halt in halts.strategies.items()),
        rooms.latch.doubt if rooms.latch is not None else "",
        _scope("every desk", halts.firm),
    )


def _scope(name: str, halt: Halt) -> Scope:
    return Scope(name, halt.state, halt.reason, halt.since_ns)


def _orders(rooms: Rooms) -> tuple[OpenOrder, ...]:
    unknown = OrderStatus.UNKNOWN
    return tuple(
        OpenOrder(
            order.client_id,
            order.request.number,
            order.symbol,
            order.status is unknown,
            order.request.strategy,
        )
        for order in rooms.working
    )


def _positions(rooms: Rooms) -> dict[str, str]:
    return {
        symbol: f"{position.instrument.size(position.quantity).normalize():f}"
        for symbol, position in rooms.ledger.positions.items()
        if position.quantity
    }


def _breaks(rooms: Rooms) -> tuple[str, ...]:
    breaks = rooms.orders.reconciler.breaks
    return tuple(each.text for each in breaks if each.state is BreakState.OPEN)


def _doubts(rooms: Rooms) -> Iterator[Doubt]:
    """Yield why what is open or held here may not be all: a foreign order that is known is among the open ones."""
    reconciler = rooms.orders.reconciler
    if not reconciler.current:
        yield Doubt("", "orders were not compared with the broker since the way to it was last open")
    for each in reconciler.breaks:
        if each.state is not BreakState.OPEN:
            continue
        order = rooms.orders.orders.get(each.id.removeprefix(ORDER_ID))
        followed = order is not None and order.request.origin == FOREIGN
        if each.kind is BreakKind.POSITION:
            yield Doubt(each.symbol, each.text, of_position=True)
        elif each.kind is BreakKind.ORDER and not followed:
            yield Doubt(each.symbol, each.text, order.request.strategy if order is not None else "")


def _feed(rooms: Rooms) -> FeedStatus:
    reading = rooms.health.reading("feed")
    return FeedStatus(rooms.source.name, reading.state.value, reading.value, reading.detail)


def _unwell(rooms: Rooms) -> Iterator[Unwell]:
    for name, reading in rooms.health.readings().items():
        if reading.state in _UNWELL:
            yield Unwell(name, reading.state.value, reading.value, reading.detail)


def _broker(rooms: Rooms) -> BrokerStatus:
    reconciler = rooms.orders.reconciler
    view = reconciler.view()
    return BrokerStatus(
        rooms.broker.name, view.standing.value, view.since_ns, view.age_s, reconciler.connection.reason
    )
