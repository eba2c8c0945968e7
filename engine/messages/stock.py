"""What a broker says it has: the other side of every comparison."""

from __future__ import annotations

from msgspec import Struct

from engine.model.fill import Fill
from engine.model.instrument import Symbol
from engine.model.order import OrderStatus, OrderType, TimeInForce
from engine.model.trade import Side


class BrokerOrder(Struct, frozen=True, kw_only=True, gc=False):
    """One order as the broker has it, in the instrument's units."""

    client_id: str
    """Ours, or what the broker made up for an order that was placed elsewhere."""
    venue_id: str
    symbol: Symbol
    side: Side
    quantity: int
    filled: int
    status: OrderStatus
    type: OrderType = OrderType.LIMIT
    tif: TimeInForce = TimeInForce.DAY
    limit: int | None = None
    stop: int | None = None
    reason: str = ""
    updated_ns: int = 0
    group: str = ""
    """What orders have in common of which the broker lets only one trade."""


class BrokerStock(Struct, frozen=True, kw_only=True, gc=False):
    """Everything at one broker at one moment."""

    as_of_ns: int
    since_ns: int
    """Closed orders and fills go back to here."""
    orders: tuple[BrokerOrder, ...]
    """Open ones, and those that closed since `since_ns`."""
    fills: tuple[Fill, ...]
    positions: dict[Symbol, int]
    """Signed, in size units; what is not named is flat."""
    cash_micros: dict[str, int] | None = None
    """By currency, in millionths; None where the broker does not say."""
    complete: bool = True
    """Whether every page came: without that, what is missing proves nothing."""
