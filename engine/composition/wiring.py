"""Ties the rooms together: who is called when something happens."""

from __future__ import annotations

from collections.abc import Mapping

from engine.changes import Changes
from engine.clock import SystemClock
from engine.desk.firm_switch import FirmSwitch
from engine.execution.hands import Ties
from engine.execution.order_manager import OrderManager
from engine.messages.events import (
    CORPORATE_EVENTS,
    MONEY_EVENTS,
    CorporateEvent,
    MoneyEvent,
    OrderChanged,
)
from engine.model.account import AccountMode
from engine.model.instrument import Instrument, Symbol
from engine.model.order import OrderStatus
from engine.replica import Replica, connect_ledger
from engine.rooms import Rooms

_WORKING = OrderStatus.WORKING


def connect(rooms: Rooms, instruments: Mapping[Symbol, Instrument]) -> None:
    """Put the order manager between gate, journal and broker, and let everyone hear of its events."""
    rooms.orders = OrderManager(
        gate=rooms.gate if rooms.traces is None else rooms.traces.timed(rooms.gate),
        broker=rooms.broker,
        journal=rooms.journal,
        bus=rooms.bus,
        clock=rooms.account_clock,
        working=rooms.working,
        instruments=instruments,
        positions=rooms.ledger.positions,
        ids=rooms.ids,
        rates=rooms.rates,
        account=rooms.account.name,
        ties=Ties(
            settings=rooms.settings.broker,
            lock=rooms.halts.lock,
            mark=lambda symbol: state.mark if (state := rooms.market.states.get(symbol)) else 0,
            touch=lambda symbol: (
                (state.bid, state.ask) if (state := rooms.market.states.get(symbol)) else (0, 0)
            ),
            cash=lambda: _cash(rooms),
            elsewhere=rooms.settings.broker.kind != "paper" and rooms.account.mode is not AccountMode.REPLAY,
        ),
    )
    rooms.changes = Changes(rooms.market, rooms.orders.take_changed)
    rooms.firm = FirmSwitch(
        rooms.halts,
        rooms.account_clock,
        world_ns=SystemClock().now_ns,
        note=rooms.orders.scribe.note,
        publish=rooms.bus.publish,
    )
    rooms.replica = Replica(
        bus=rooms.bus,
        history=rooms.orders.history,
        ledger=rooms.ledger,
        halts=rooms.halts,
        rates=rooms.rates,
        instruments=instruments,
        list_instrument=rooms.market.on_listed,
    )
    rooms.valuation.on_day = rooms.mark
    rooms.broker.connect(rooms.orders.on_report)
    _subscribe(rooms)
    rooms.orders.brackets.connect(rooms.bus)
    rooms.orders.exits.connect(rooms.bus)


def _cash(rooms: Rooms) -> dict[str, int]:
    """Return the cash that is known to the cent: that of an account which holds its base currency alone."""
    base = rooms.account.base_currency
    held = {position.instrument.currency for position in rooms.ledger.positions.values()}
    return {base: rooms.account.cash_micros} if held <= {base} else {}


def _subscribe(rooms: Rooms) -> None:
    """Let fills reach the ledger, and every change of an order or a position the gate."""
    note_changed = rooms.gate.note_changed
    latencies, clock = rooms.latencies, rooms.clock
    connect_ledger(rooms.bus, rooms.ledger)

    def changed(event: OrderChanged) -> None:
        order = event.order
        note_changed(order.symbol)
        if order.submitted_monotonic_ns and event.status is _WORKING:
            latencies.order_to_ack.record(clock.monotonic_ns() - order.submitted_monotonic_ns)
            order.submitted_monotonic_ns = 0

    def moved(event: MoneyEvent) -> None:
        note_changed(event.fill.symbol)

    def booked(event: CorporateEvent) -> None:
        note_changed(event.symbol)

    for kind in MONEY_EVENTS:
        rooms.bus.subscribe(kind, moved)
    for action in CORPORATE_EVENTS:
        rooms.bus.subscribe(action, booked)
    rooms.bus.subscribe(OrderChanged, changed)
