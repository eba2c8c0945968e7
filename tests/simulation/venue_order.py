"""One order as the venue has it, and what follows from all of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

import msgspec

from engine.messages.stock import BrokerOrder
from engine.model.fill import Fill
from engine.model.instrument import Symbol
from engine.model.order import OrderRequest, OrderStatus

_OPEN = {OrderStatus.WORKING, OrderStatus.PARTIALLY_FILLED}
CASH_MICROS = 1_000_000 * 1_000_000
PRICE_UNIT_MICROS = 10_000
"""Every instrument of the simulation is a share in cents."""


@dataclass(slots=True)
class VenueOrder:
    """One order as the venue has it."""

    request: OrderRequest
    venue_id: str
    quantity: int
    limit: int | None
    stop: int | None
    status: OrderStatus = OrderStatus.WORKING
    reason: str = ""
    fills: list[Fill] = field(default_factory=list)
    updated_ns: int = 0
    busted: list[Fill] = field(default_factory=list)
    """Its fills that were taken back: an order that was filled stays filled."""
    late: set[str] = field(default_factory=set)
    """Its fills that came after its end."""
    partner: VenueOrder | None = None
    """What it was sent together with: only one of the two fills."""

    @property
    def filled(self) -> int:
        return sum(fill.quantity for fill in self.fills)

    @property
    def leaves(self) -> int:
        return max(0, self.quantity - self.filled)

    @property
    def is_open(self) -> bool:
        return self.status in _OPEN

    def end(self, status: OrderStatus, reason: str, now_ns: int) -> None:
        """End it."""
        self.status, self.reason, self.updated_ns = status, reason, now_ns

    def as_told(self) -> BrokerOrder:
        """Return it as the venue tells of it."""
        request = self.request
        return BrokerOrder(
            client_id=request.client_id,
            venue_id=self.venue_id,
            symbol=request.symbol,
            side=request.side,
            quantity=self.quantity,
            filled=self.filled,
            status=self.status,
            type=request.type,
            tif=request.tif,
            limit=self.limit,
            stop=self.stop,
            reason=self.reason,
            updated_ns=self.updated_ns,
        )


def positions(orders: Iterable[VenueOrder]) -> dict[Symbol, int]:
    """Return what the fills that stand add up to."""
    held: Counter[Symbol] = Counter()
    for order in orders:
        for fill in order.fills:
            held[fill.symbol] += fill.side * fill.quantity
    return {symbol: quantity for symbol, quantity in held.items() if quantity}


def cash_micros(orders: Iterable[VenueOrder]) -> int:
    """Return what is left of the money that the account began with."""
    return CASH_MICROS - sum(
        fill.side * fill.quantity * fill.price * PRICE_UNIT_MICROS + fill.fee_micros
        for order in orders
        for fill in order.fills
    )


def at_price(fill: Fill, price: int) -> Fill:
    """Return a fill at another price."""
    return msgspec.structs.replace(fill, price=price)
