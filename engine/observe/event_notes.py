"""Which events are logged, and what is written of each."""

from __future__ import annotations

from engine.bus import Bus
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
from engine.model.order import OrderRequest
from engine.observe.logs import EventLog


class EventNotes:
    """Notes alerts, everything that happens to an order, the trading state and arming; quotes never.

    `market_ns` is the event's own time, ns UTC; prices and quantities are in the instrument's units.
    """

    def __init__(self, bus: Bus, log: EventLog) -> None:
        self._note = log.note
        bus.subscribe(AlertRaised, self._alert)
        bus.subscribe(OrderSubmitted, self._submitted)
        bus.subscribe(OrderDenied, self._denied)
        bus.subscribe(AmendDenied, self._amend_denied)
        bus.subscribe(OrderChanged, self._changed)
        bus.subscribe(OrderFilled, self._filled)
        bus.subscribe(TradingStateChanged, self._trading_state)
        bus.subscribe(TradingArmed, self._armed)
        bus.subscribe(TradingDisarmed, self._disarmed)

    def _alert(self, event: AlertRaised) -> None:
        self._note(
            event.severity.value, "alert", source=event.source, text=event.text, market_ns=event.event_ns
        )

    def _submitted(self, event: OrderSubmitted) -> None:
        self._note("info", "order submitted", **_terms(event.request), market_ns=event.event_ns)

    def _denied(self, event: OrderDenied) -> None:
        reasons = {denial.rule: denial.text for denial in event.denials}
        self._note(
            "warning", "order denied", **_terms(event.request), reasons=reasons, market_ns=event.event_ns
        )

    def _amend_denied(self, event: AmendDenied) -> None:
        reasons = {denial.rule: denial.text for denial in event.denials}
        self._note(
            "warning", "amend denied", client_id=event.client_id, reasons=reasons, market_ns=event.event_ns
        )

    def _changed(self, event: OrderChanged) -> None:
        order = event.order
        self._note(
            "info",
            "order changed",
            **_names(order.request),
            status=event.status.value,
            leaves=order.leaves,
            reason=order.reason,
            market_ns=event.event_ns,
        )

    def _filled(self, event: OrderFilled) -> None:
        fill = event.fill
        self._note(
            "info",
            "order filled",
            **_names(event.order.request),
            fill_id=fill.fill_id,
            price=fill.price,
            quantity=fill.quantity,
            leaves=event.order.leaves,
            market_ns=fill.event_ns,
        )

    def _trading_state(self, event: TradingStateChanged) -> None:
        self._note(
            "warning",
            "trading state",
            state=event.state.value,
            reason=event.reason,
            symbol=event.symbol,
            market_ns=event.event_ns,
        )

    def _armed(self, event: TradingArmed) -> None:
        self._note("warning", "armed", account=event.account, origin=event.origin, market_ns=event.event_ns)

    def _disarmed(self, event: TradingDisarmed) -> None:
        self._note("warning", "disarmed", reason=event.reason, origin=event.origin, market_ns=event.event_ns)


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
