"""What the simulated venue knows of every order, its fills, and the positions they make."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from typing import Final

from engine.adapters.paper.paper_order import PaperOrder
from engine.clock import NS_PER_S
from engine.messages.stock import BrokerOrder, BrokerStock
from engine.model.fill import Fill
from engine.model.instrument import Symbol
from engine.model.order import OrderStatus

_FILLED: Final = OrderStatus.FILLED
KEPT_NS: Final = 86_400 * NS_PER_S
"""How long an ended order and its fills are surely known, in market time."""
KEPT_MAX = 5_000
"""How many ended orders are kept at most, however short their time: more than are in sight on our side."""


class Register:
    """Every open order, and those that ended within `KEPT_NS`; older ones may be forgotten.

    What was forgotten shows in the stock's `since_ns`: it never claims to go back further than it does.
    """

    __slots__ = ("_ended", "_forgotten_ns", "_orders", "_positions")

    def __init__(self) -> None:
        self._orders: dict[str, PaperOrder] = {}
        self._ended: deque[PaperOrder] = deque()
        """In the order in which they ended."""
        self._forgotten_ns = -1
        """When the last order that was forgotten ended."""
        self._positions: dict[Symbol, int] = {}

    def find(self, client_id: str) -> PaperOrder | None:
        """Return an order, open or ended; None for one that never came or was forgotten."""
        return self._orders.get(client_id)

    def position_of(self, symbol: Symbol) -> int:
        """Return the position its fills made, in size units, signed."""
        return self._positions.get(symbol, 0)

    def begin_at(self, positions: Mapping[Symbol, int]) -> None:
        """Let the positions count on from these."""
        self._positions = dict(positions)

    def hold(self, symbol: Symbol, quantity: int) -> None:
        """Let a position be what a split made of it."""
        self._positions[symbol] = quantity

    def enter(self, order: PaperOrder, now_ns: int) -> None:
        """Know an order from now on."""
        order.updated_ns = now_ns
        self._orders[order.client_id] = order

    def recall(self, order: PaperOrder) -> None:
        """Know an order of an earlier run, as it is; ended ones come in the order in which they ended."""
        self._orders[order.client_id] = order
        if order.ended is not None:
            self._ended.append(order)

    def end(self, order: PaperOrder, status: OrderStatus, reason: str, now_ns: int) -> None:
        """Keep how an order ended, and forget those whose time is over."""
        order.ended = status
        order.reason = reason
        order.updated_ns = now_ns
        self._ended.append(order)
        ended = self._ended
        while ended[0].updated_ns < now_ns - KEPT_NS or len(ended) > KEPT_MAX:
            old = ended.popleft()
            del self._orders[old.client_id]
            self._forgotten_ns = max(self._forgotten_ns, old.updated_ns)

    def book(self, order: PaperOrder, fill: Fill) -> None:
        """Count a fill to its order and its position; the last one ends the order."""
        symbol, quantity = fill.symbol, fill.quantity
        order.filled += quantity
        order.fills.append(fill)
        self._positions[symbol] = self.position_of(symbol) + fill.side * quantity
        if order.leaves:
            order.updated_ns = fill.event_ns
        else:
            self.end(order, _FILLED, "", fill.event_ns)

    def stock(self, since_ns: int, now_ns: int) -> BrokerStock:
        """Return everything it has, ended orders and fills since then."""
        since_ns = max(since_ns, self._forgotten_ns + 1)
        return BrokerStock(
            as_of_ns=now_ns,
            since_ns=since_ns,
            orders=tuple(described(order) for order in self._since(since_ns)),
            fills=tuple(
                fill for order in self._orders.values() for fill in order.fills if fill.event_ns >= since_ns
            ),
            positions={symbol: quantity for symbol, quantity in self._positions.items() if quantity},
        )

    def _since(self, since_ns: int) -> Iterator[PaperOrder]:
        for order in self._orders.values():
            if order.ended is None or order.updated_ns >= since_ns:
                yield order


def described(order: PaperOrder) -> BrokerOrder:
    """Return an order as a broker tells of it."""
    request = order.request
    return BrokerOrder(
        client_id=order.client_id,
        venue_id=order.venue_id,
        symbol=request.symbol,
        side=request.side,
        quantity=order.quantity,
        filled=order.filled,
        status=order.status,
        type=request.type,
        tif=request.tif,
        limit=order.limit,
        stop=order.stop,
        reason=order.reason,
        updated_ns=order.updated_ns,
    )
