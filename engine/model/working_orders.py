"""The open orders, indexed for the questions that are asked on every order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from engine.model.instrument import Symbol
from engine.model.order import Order
from engine.model.trade import Side


class WorkingOrders:
    """Open orders by id and by symbol; the order manager adds and discards them."""

    __slots__ = ("_by_id", "_by_symbol")

    def __init__(self) -> None:
        self._by_id: dict[str, Order] = {}
        self._by_symbol: dict[Symbol, dict[str, Order]] = {}

    def __len__(self) -> int:
        return len(self._by_id)

    def __iter__(self) -> Iterator[Order]:
        return iter(list(self._by_id.values()))

    def add(self, order: Order) -> None:
        """Index an open order."""
        self._by_id[order.client_id] = order
        self._by_symbol.setdefault(order.symbol, {})[order.client_id] = order

    def discard(self, order: Order) -> None:
        """Forget an order that is no longer open."""
        self._by_id.pop(order.client_id, None)
        of_symbol = self._by_symbol.get(order.symbol)
        if of_symbol is not None:
            of_symbol.pop(order.client_id, None)

    def get(self, client_id: str) -> Order | None:
        """Return the open order of this id, if there is one."""
        return self._by_id.get(client_id)

    def of(self, symbol: Symbol) -> Iterable[Order]:
        """Return the open orders of one symbol, oldest first."""
        of_symbol = self._by_symbol.get(symbol)
        return of_symbol.values() if of_symbol else ()

    def symbols(self) -> Iterable[Symbol]:
        """Return the symbols that have open orders."""
        return [symbol for symbol, orders in self._by_symbol.items() if orders]

    def leaves(self, symbol: Symbol, side: Side) -> int:
        """Return the open quantity of one side of one symbol, in size units."""
        of_symbol = self._by_symbol.get(symbol)
        if not of_symbol:
            return 0
        return sum(order.leaves for order in of_symbol.values() if order.side is side)
