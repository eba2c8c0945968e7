"""What happened: past tense, many readers, can't be refused."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from engine.messages.commands import TradingState
from engine.model.fill import Fill
from engine.model.instrument import Symbol
from engine.model.order import Order, OrderRequest, OrderStatus


class Denial(Struct, frozen=True, gc=False):
    """One rule's no, with both numbers in words a trader reads."""

    rule: str
    """The control's id: `position_limit`."""
    text: str
    """A sentence: "position would be 3,200, limit 2,000"."""


class OrderDenied(Struct, frozen=True, gc=False):
    """Our gate said no, with every reason."""

    request: OrderRequest
    denials: tuple[Denial, ...]
    event_ns: int


class AmendDenied(Struct, frozen=True, gc=False):
    """Our gate refused a change; the order works on as it was."""

    client_id: str
    denials: tuple[Denial, ...]
    event_ns: int


class OrderSubmitted(Struct, frozen=True, gc=False):
    """The gate approved, the journal has it, and it is on its way."""

    request: OrderRequest
    event_ns: int


class OrderChanged(Struct, frozen=True, gc=False):
    """An order moved to a state, or its terms changed; `order` is the engine's own record."""

    order: Order
    status: OrderStatus
    event_ns: int


class OrderFilled(Struct, frozen=True, gc=False):
    """Some of an order was traded."""

    order: Order
    fill: Fill


class TradingStateChanged(Struct, frozen=True, gc=False):
    """Trading was halted, reduced or resumed."""

    state: TradingState
    reason: str
    symbol: Symbol | None
    event_ns: int


class Severity(StrEnum):
    """How loud an alert is."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"


class AlertRaised(Struct, frozen=True, gc=False):
    """Something a person should see now."""

    severity: Severity
    source: str
    text: str
    event_ns: int
