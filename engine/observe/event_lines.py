"""What is written of each event, from what was kept of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from engine.messages.circuits import VenueCalled
from engine.messages.commands import SubmitOrder
from engine.messages.events import (
    AmendDenied,
    OrderChanged,
    OrderDenied,
    OrderFilled,
    OrderSubmitted,
    TradingArmed,
    TradingDisarmed,
    TradingStateChanged,
)
from engine.messages.log_table import EVENTS
from engine.messages.order_path import CommandTaken, OrderSent
from engine.model.order import OrderRequest, OrderStatus
from engine.observe.line_kind import LineKind

Fields = dict[str, object]
Written = tuple[str, Fields]
_LOUD: Final = frozenset({OrderStatus.REJECTED, OrderStatus.UNKNOWN, OrderStatus.NOT_FOUND})
"""The statuses that are no usual step of an order."""


def _command(event: CommandTaken) -> Written:
    command = event.command
    about = command.request if isinstance(command, SubmitOrder) else command
    return "info", {
        "correlation": event.correlation,
        "kind": type(command).__name__,
        "client_id": getattr(about, "client_id", ""),
        "symbol": getattr(about, "symbol", None),
        "origin": event.origin,
        "who": event.who,
        "market_ns": event.event_ns,
    }


def _submitted(event: OrderSubmitted, cause: str, record: int) -> Written:
    names = _names(event.request, cause)
    return "info", {**names, **_terms(event.request), "record": record, "market_ns": event.event_ns}


def _denied(event: OrderDenied, cause: str) -> Written:
    reasons = {denial.rule: denial.text for denial in event.denials}
    names = _names(event.request, cause)
    return "warning", {**names, **_terms(event.request), "reasons": reasons, "market_ns": event.event_ns}


def _amend_denied(event: AmendDenied, cause: str, correlation: str) -> Written:
    return "warning", {
        "client_id": event.client_id,
        "correlation": correlation,
        **_caused(cause, correlation),
        "reasons": {denial.rule: denial.text for denial in event.denials},
        "market_ns": event.event_ns,
    }


def _sent(event: OrderSent, cause: str, broker: str) -> Written:
    names = _names(event.order.request, cause)
    return "info", {**names, "request": event.request.value, "broker": broker, "market_ns": event.event_ns}


def _changed(event: OrderChanged, cause: str, leaves: int, reason: str, venue_id: str) -> Written:
    return "warning" if event.status in _LOUD else "info", {
        **_names(event.order.request, cause),
        "status": event.status.value,
        "leaves": leaves,
        "reason": reason,
        "venue_id": venue_id,
        "market_ns": event.event_ns,
    }


def _filled(event: OrderFilled, cause: str, leaves: int, _held: int | None) -> Written:
    fill = event.fill
    return "info", {
        **_names(event.order.request, cause),
        "fill_id": fill.fill_id,
        "price": fill.price,
        "quantity": fill.quantity,
        "leaves": leaves,
        "market_ns": fill.event_ns,
    }


def _booked(event: OrderFilled, cause: str, _leaves: int, held: int | None) -> Written:
    names = _names(event.order.request, cause)
    return "info", {**names, "fill_id": event.fill.fill_id, "held": held, "market_ns": event.fill.event_ns}


def _called(event: VenueCalled, correlation: str) -> Written:
    return "warning" if event.failure else "info", {
        "venue": event.venue,
        "operation": event.operation.value,
        "client_id": event.about,
        "correlation": correlation,
        "ms": round(event.ms, 1),
        "failure": event.failure,
        "market_ns": event.event_ns,
    }


def _trading_state(event: TradingStateChanged) -> Written:
    return "warning", {
        "correlation": event.correlation,
        "state": event.state.value,
        "reason": event.reason,
        "symbol": event.symbol,
        "strategy": event.strategy,
        "origin": event.origin,
        "who": event.who,
        "market_ns": event.event_ns,
    }


def _armed(event: TradingArmed, cause: str) -> Written:
    told = {"account": event.account, "origin": event.origin, "market_ns": event.event_ns}
    return "warning", {**_caused(cause, ""), **told}


def _disarmed(event: TradingDisarmed, cause: str) -> Written:
    told = {"reason": event.reason, "origin": event.origin, "market_ns": event.event_ns}
    return "warning", {**_caused(cause, ""), **told}


def _names(request: OrderRequest, cause: str) -> Fields:
    """Return what an order is found by, and the command that this comes from where that is another than its own."""
    own = request.correlation
    names: Fields = {"client_id": request.client_id, "correlation": own, "symbol": request.symbol}
    return names | _caused(cause, own)


def _caused(cause: str, own: str) -> Fields:
    return {"cause": cause} if cause and cause != own else {}


def _terms(request: OrderRequest) -> Fields:
    """Return what was asked for."""
    return {
        "side": request.side.name.lower(),
        "quantity": request.quantity,
        "type": request.type.value,
        "limit": request.limit,
        "stop": request.stop,
        "tif": request.tif.value,
        "origin": request.origin,
    }


def _line(event: str, write: Callable[..., Written], also: LineKind | None = None) -> LineKind:
    component, _ = EVENTS[event]
    return LineKind(component, event, write, also=also)


COMMAND: Final = _line("command", _command)
SUBMITTED: Final = _line("order submitted", _submitted)
DENIED: Final = _line("order denied", _denied)
AMEND_DENIED: Final = _line("amend denied", _amend_denied)
SENT: Final = _line("order sent", _sent)
CHANGED: Final = _line("order changed", _changed)
FILLED: Final = _line("order filled", _filled, _line("fill booked", _booked))
CALLED: Final = _line("venue call", _called)
TRADING_STATE: Final = _line("trading state", _trading_state)
EVERY_DESK: Final = _line("every desk", _trading_state)
ARMED: Final = _line("armed", _armed)
DISARMED: Final = _line("disarmed", _disarmed)
