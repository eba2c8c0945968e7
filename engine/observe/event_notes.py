"""Which events are logged, and what is written of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from engine.bus import Bus
from engine.messages.circuits import VenueCalled
from engine.messages.commands import SubmitOrder
from engine.messages.events import (
    AlertRaised,
    AmendDenied,
    OrderChanged,
    OrderDenied,
    OrderFilled,
    OrderSubmitted,
    TradingArmed,
    TradingDisarmed,
    TradingStateChanged,
)
from engine.messages.log_table import Component
from engine.messages.order_path import CommandTaken, OrderSent
from engine.model.cause import Cause
from engine.model.instrument import Symbol
from engine.model.order import Order, OrderRequest, OrderStatus
from engine.model.position import Position
from engine.observe.logs import EventLog

_LOUD: Final = frozenset({OrderStatus.REJECTED, OrderStatus.UNKNOWN, OrderStatus.NOT_FOUND})
"""The statuses that are no usual step of an order."""


class Story:
    """Where what is written of an order is found: nothing on the order path carries an id for the log's sake."""

    __slots__ = ("broker", "cause", "orders", "positions", "record")

    def __init__(
        self,
        *,
        orders: Mapping[str, Order],
        positions: Mapping[Symbol, Position],
        cause: Cause,
        record: Callable[[], int],
        broker: str,
    ) -> None:
        self.orders = orders
        """By their client ids."""
        self.positions = positions
        self.cause = cause
        self.record = record
        """The sequence of the journal's last record."""
        self.broker = broker
        """What the broker is called."""

    def correlation(self, client_id: str) -> str:
        """Return the correlation of an order; empty for one that is not known."""
        order = self.orders.get(client_id)
        return order.request.correlation if order is not None else ""


def no_story() -> Story:
    """Return that of an account without orders, for a log that stands alone."""
    return Story(orders={}, positions={}, cause=Cause(), record=lambda: 0, broker="")


class EventNotes:
    """Notes commands, alerts, everything that happens to an order, venue calls, the trading state and arming; quotes never.

    `market_ns` is the event's own time, ns UTC; prices and quantities are in the instrument's units.
    """

    def __init__(self, bus: Bus, log: EventLog, story: Story | None = None) -> None:
        self._log_note = log.note
        self._story = story or no_story()
        bus.subscribe(CommandTaken, self._command)
        bus.subscribe(AlertRaised, self._alert)
        bus.subscribe(OrderSubmitted, self._submitted)
        bus.subscribe(OrderDenied, self._denied)
        bus.subscribe(AmendDenied, self._amend_denied)
        bus.subscribe(OrderSent, self._sent)
        bus.subscribe(OrderChanged, self._changed)
        bus.subscribe(OrderFilled, self._filled)
        bus.subscribe(VenueCalled, self._called)
        bus.subscribe(TradingStateChanged, self._trading_state)
        bus.subscribe(TradingArmed, self._armed)
        bus.subscribe(TradingDisarmed, self._disarmed)

    def _note(self, level: str, component: Component, event: str, **fields: object) -> None:
        """Keep a line, and the command that it comes from where that is another than the order's own."""
        cause = self._story.cause.id
        if cause and cause != fields.get("correlation"):
            fields["cause"] = cause
        self._log_note(level, event, component, **fields)

    def _command(self, event: CommandTaken) -> None:
        command = event.command
        about = command.request if isinstance(command, SubmitOrder) else command
        self._note(
            "info",
            Component.COMMANDS,
            "command",
            correlation=event.correlation,
            kind=type(command).__name__,
            client_id=getattr(about, "client_id", ""),
            symbol=getattr(about, "symbol", None),
            origin=event.origin,
            who=event.who,
            market_ns=event.event_ns,
        )

    def _alert(self, event: AlertRaised) -> None:
        self._note(
            event.severity.value,
            Component.ALERTS,
            "alert",
            source=event.source,
            text=event.text,
            market_ns=event.event_ns,
        )

    def _submitted(self, event: OrderSubmitted) -> None:
        self._note(
            "info",
            Component.ORDERS,
            "order submitted",
            **_terms(event.request),
            record=self._story.record(),
            market_ns=event.event_ns,
        )

    def _denied(self, event: OrderDenied) -> None:
        reasons = {denial.rule: denial.text for denial in event.denials}
        self._note(
            "warning",
            Component.RISK,
            "order denied",
            **_terms(event.request),
            reasons=reasons,
            market_ns=event.event_ns,
        )

    def _amend_denied(self, event: AmendDenied) -> None:
        self._note(
            "warning",
            Component.RISK,
            "amend denied",
            client_id=event.client_id,
            correlation=self._story.correlation(event.client_id),
            reasons={denial.rule: denial.text for denial in event.denials},
            market_ns=event.event_ns,
        )

    def _sent(self, event: OrderSent) -> None:
        self._note(
            "info",
            Component.BROKER,
            "order sent",
            **_names(event.order.request),
            request=event.request.value,
            broker=self._story.broker,
            market_ns=event.event_ns,
        )

    def _changed(self, event: OrderChanged) -> None:
        order = event.order
        self._note(
            "warning" if event.status in _LOUD else "info",
            Component.ORDERS,
            "order changed",
            **_names(order.request),
            status=event.status.value,
            leaves=order.leaves,
            reason=order.reason,
            venue_id=order.venue_id,
            market_ns=event.event_ns,
        )

    def _filled(self, event: OrderFilled) -> None:
        fill, names = event.fill, _names(event.order.request)
        self._note(
            "info",
            Component.ORDERS,
            "order filled",
            **names,
            fill_id=fill.fill_id,
            price=fill.price,
            quantity=fill.quantity,
            leaves=event.order.leaves,
            market_ns=fill.event_ns,
        )
        position = self._story.positions.get(fill.symbol)
        if position is not None:
            self._note(
                "info",
                Component.LEDGER,
                "fill booked",
                **names,
                fill_id=fill.fill_id,
                held=position.quantity,
                market_ns=fill.event_ns,
            )

    def _called(self, event: VenueCalled) -> None:
        self._note(
            "warning" if event.failure else "info",
            Component.VENUE,
            "venue call",
            venue=event.venue,
            operation=event.operation.value,
            client_id=event.about,
            correlation=self._story.correlation(event.about),
            ms=round(event.ms, 1),
            failure=event.failure,
            market_ns=event.event_ns,
        )

    def _trading_state(self, event: TradingStateChanged) -> None:
        firm = event.firm_version
        self._note(
            "warning",
            Component.DESKS if firm else Component.TRADING,
            "every desk" if firm else "trading state",
            correlation=event.correlation,
            state=event.state.value,
            reason=event.reason,
            symbol=event.symbol,
            strategy=event.strategy,
            origin=event.origin,
            who=event.who,
            market_ns=event.event_ns,
        )

    def _armed(self, event: TradingArmed) -> None:
        self._note(
            "warning",
            Component.TRADING,
            "armed",
            account=event.account,
            origin=event.origin,
            market_ns=event.event_ns,
        )

    def _disarmed(self, event: TradingDisarmed) -> None:
        self._note(
            "warning",
            Component.TRADING,
            "disarmed",
            reason=event.reason,
            origin=event.origin,
            market_ns=event.event_ns,
        )


def _names(request: OrderRequest) -> dict[str, object]:
    """Return what an order is found by."""
    return {"client_id": request.client_id, "correlation": request.correlation, "symbol": request.symbol}


def _terms(request: OrderRequest) -> dict[str, object]:
    """Return what was asked for."""
    return {
        **_names(request),
        "side": request.side.name.lower(),
        "quantity": request.quantity,
        "type": request.type.value,
        "limit": request.limit,
        "stop": request.stop,
        "tif": request.tif.value,
        "origin": request.origin,
    }
