"""What is known of each order at Binance, for the time that the desk runs.

It can all be asked for again: what is forgotten here, or was known to a desk before this one, is looked up.
"""

from __future__ import annotations

import asyncio
from collections import deque

from engine.adapters.binance.account_messages import Execution
from engine.adapters.binance.account_reading import foreign_parts, is_ours, name_of_foreign

KEPT_MAX = 20_000
HELD_MAX = 100
"""Events that are kept of an order which the engine does not know yet."""


class KnownOrder:
    """One order."""

    __slots__ = ("accepted", "client_id", "held", "known", "name", "named", "order_id", "symbol", "terms")

    def __init__(self, client_id: str, symbol: str = "") -> None:
        self.client_id = client_id
        self.name = client_id
        """Its id of ours as Binance has it."""
        self.symbol = symbol
        self.order_id = 0
        """Binance's id, 0 while that is not known."""
        self.accepted = False
        """Whether it was told that Binance has it."""
        self.known = False
        """Whether the engine knows the order: it sent it, or was told of it in an answer."""
        self.terms: tuple[int, int | None, int | None] | None = None
        """Size, limit and stop as they were told last, in units."""
        self.held: deque[Execution] = deque(maxlen=HELD_MAX)
        """What happened to it before it was known."""
        self.named = asyncio.Event()
        """Set once its id at Binance is known, or there will be none."""

    @property
    def identity(self) -> dict[str, str]:
        """How a request names it: by Binance's id, which is one order's for ever, where that is known."""
        named = {"orderId": str(self.order_id)} if self.order_id else {"origClientOrderId": self.name}
        return {"symbol": self.symbol, **named}


class KnownOrders:
    """Every order by our id and by Binance's; the oldest are forgotten."""

    def __init__(self) -> None:
        self._by_name: dict[str, KnownOrder] = {}
        self._by_venue_id: dict[tuple[str, int], KnownOrder] = {}

    def sent(self, client_id: str) -> bool:
        """Whether an order of this id was sent or heard of: Binance itself takes the id of an ended order again."""
        return client_id in self._by_name

    def begin(self, client_id: str, symbol: str = "") -> KnownOrder:
        """Return what is known of one of our orders, of a new one where nothing is."""
        order = self._by_name.get(client_id)
        if order is None:
            order = self._by_name[client_id] = KnownOrder(client_id, symbol)
            if (parts := foreign_parts(client_id)) is not None:
                self._note(order, *parts)
            if len(self._by_name) > KEPT_MAX:
                self._forget(next(iter(self._by_name)))
        return order

    def named(self, client_id: str) -> KnownOrder | None:
        """Return what is known of an order: one from elsewhere has an id that tells enough; None for nothing."""
        known = self._by_name.get(client_id)
        return self.begin(client_id) if known is None and foreign_parts(client_id) is not None else known

    def of(self, symbol: str, order_id: int, name: str) -> KnownOrder:
        """Return the order that has an id at Binance, or is the one that we gave a name."""
        order = self._by_venue_id.get((symbol, order_id))
        if order is None:
            order = self._by_name.get(name)
            if order is None or (order.order_id or order_id, order.symbol or symbol) != (order_id, symbol):
                unused = order is None and is_ours(name)
                order = self.begin(name if unused else name_of_foreign(symbol, order_id))
            self._note(order, symbol, order_id)
        return order

    def _note(self, order: KnownOrder, symbol: str, order_id: int) -> None:
        order.symbol, order.order_id = symbol, order_id
        self._by_venue_id[symbol, order_id] = order
        order.named.set()

    def _forget(self, client_id: str) -> None:
        order = self._by_name.pop(client_id)
        self._by_venue_id.pop((order.symbol, order.order_id), None)
