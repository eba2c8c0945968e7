"""Takes the status of a running engine, on its own thread."""

from __future__ import annotations

import os

from engine.clock import NS_PER_S
from engine.control.status import DeskStatus, FeedStatus, JournalStatus, OpenOrder, Scope, Trading
from engine.model.order import OrderStatus
from engine.risk.halt import Halt, TradingHalts
from engine.rooms import Rooms


def desk_status(
    rooms: Rooms,
    *,
    run: str,
    version: str,
    started_ns: int,
    journal: JournalStatus,
    state_hash: str,
    breaks: tuple[str, ...],
) -> DeskStatus:
    """Return how the desk is now; `started_ns` is the steady time of its start."""
    return DeskStatus(
        mode=rooms.account.mode.value,
        account=rooms.account.name,
        run=run,
        version=version,
        pid=os.getpid(),
        uptime_s=round((rooms.clock.monotonic_ns() - started_ns) / NS_PER_S, 1),
        trading=_trading(rooms.halts),
        orders=_orders(rooms),
        positions=_positions(rooms),
        breaks=breaks,
        journal=journal,
        state_hash=state_hash,
        feed=_feed(rooms),
    )


def _trading(halts: TradingHalts) -> Trading:
    return Trading(
        _scope("", halts.everything),
        tuple(_scope(symbol, halt) for symbol, halt in halts.symbols.items()),
        tuple(_scope(strategy, halt) for strategy, halt in halts.strategies.items()),
    )


def _scope(name: str, halt: Halt) -> Scope:
    return Scope(name, halt.state, halt.reason, halt.since_ns)


def _orders(rooms: Rooms) -> tuple[OpenOrder, ...]:
    unknown = OrderStatus.UNKNOWN
    return tuple(
        OpenOrder(order.client_id, order.request.number, order.symbol, order.status is unknown)
        for order in rooms.working
    )


def _positions(rooms: Rooms) -> dict[str, str]:
    return {
        symbol: f"{position.instrument.size(position.quantity).normalize():f}"
        for symbol, position in rooms.ledger.positions.items()
        if position.quantity
    }


def _feed(rooms: Rooms) -> FeedStatus:
    reading = rooms.health.reading("feed")
    return FeedStatus(rooms.source.name, reading.state.value, reading.value, reading.detail)
