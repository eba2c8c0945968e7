"""What programs are told of orders, over REST and over the stream alike.

Prices, sizes and money are decimals in texts; times are nanoseconds since the epoch, UTC. What there is none of is null.
"""

from __future__ import annotations

from msgspec import Struct

from engine.gateway.decimals import decimal, money
from engine.messages.views import OrderView
from engine.model.fill import Fill
from engine.model.instrument import Instrument, Symbol
from engine.model.order import Leg, OrderStatus, OrderType, TimeInForce


class OrderFill(Struct, frozen=True, gc=False):
    """Some of an order was traded."""

    fill_id: str
    price: str
    quantity: str
    fee: str
    fee_currency: str
    liquidity: str
    at_ns: int


class Order(Struct, frozen=True, gc=False):
    """One order as it stands."""

    client_id: str
    number: int
    symbol: Symbol
    side: str
    type: OrderType
    tif: TimeInForce
    quantity: str
    filled: str
    leaves: str
    limit: str | None
    stop: str | None
    trail: str | None
    average_price: str | None
    status: OrderStatus
    reason: str
    """Why it was denied, rejected, cancelled or expired."""
    post_only: bool
    reduce_only: bool
    origin: str
    venue_id: str
    parent: str
    """The client id of the entry that this one protects."""
    leg: Leg
    strategy: str
    fees: str
    created_ns: int
    updated_ns: int
    fills: tuple[OrderFill, ...]


def order_of(view: OrderView, instrument: Instrument) -> Order:
    """Tell an order."""
    prices, sizes = instrument.price_scale, instrument.size_scale

    def price(units: int | None) -> str | None:
        return None if units is None else decimal(units, prices)

    return Order(
        client_id=view.client_id,
        number=view.number,
        symbol=view.symbol,
        side=view.side.name.lower(),
        type=view.type,
        tif=view.tif,
        quantity=decimal(view.quantity, sizes),
        filled=decimal(view.filled, sizes),
        leaves=decimal(view.leaves, sizes),
        limit=price(view.limit),
        stop=price(view.stop),
        trail=price(view.trail),
        average_price=price(view.average_price) if view.filled else None,
        status=view.status,
        reason=view.reason,
        post_only=view.post_only,
        reduce_only=view.reduce_only,
        origin=view.origin,
        venue_id=view.venue_id,
        parent=view.parent,
        leg=view.leg,
        strategy=view.strategy,
        fees=money(view.fees_micros),
        created_ns=view.created_ns,
        updated_ns=view.updated_ns,
        fills=tuple(_fill_of(fill, instrument) for fill in view.fills),
    )


def _fill_of(fill: Fill, instrument: Instrument) -> OrderFill:
    return OrderFill(
        fill_id=fill.fill_id,
        price=decimal(fill.price, instrument.price_scale),
        quantity=decimal(fill.quantity, instrument.size_scale),
        fee=money(fill.fee_micros),
        fee_currency=fill.fee_currency,
        liquidity=fill.liquidity,
        at_ns=fill.event_ns,
    )
