"""A limit order book that matches by price, then time."""

from __future__ import annotations

from bisect import bisect_left, insort

from engine.model.trade import Side

Execution = tuple[int, int]
"""The price and the size of one trade, in units."""


class RestingOrder:
    """An order waiting in the book."""

    __slots__ = ("price", "side", "size", "slot")

    def __init__(self, side: Side, price: int, size: int) -> None:
        self.side = side
        self.price = price
        self.size = size
        """What is left of it."""
        self.slot = 0
        """Where its side lists it, so that it can be found again at once."""


class BookSide:
    """All buyers or all sellers.

    A key is a price times the side's sign: the best key is always the largest, and the last.
    """

    __slots__ = ("keys", "orders", "queues", "sign", "sizes")

    def __init__(self, side: Side) -> None:
        self.sign = int(side)
        self.keys: list[int] = []
        """Prices that have orders, worst first, each times the sign."""
        self.queues: dict[int, dict[RestingOrder, None]] = {}
        """Who waits at each price, first come first."""
        self.sizes: dict[int, int] = {}
        """How much rests at each price."""
        self.orders: list[RestingOrder] = []
        """Everyone, in no order: whom a random cancel picks from."""

    @property
    def best(self) -> int:
        """The best price, 0 for none."""
        return self.keys[-1] * self.sign if self.keys else 0

    def levels(self) -> tuple[tuple[int, int], ...]:
        """Return price and size of every level, best first."""
        sizes, sign = self.sizes, self.sign
        return tuple((key * sign, sizes[key * sign]) for key in reversed(self.keys))

    def add(self, order: RestingOrder) -> None:
        """Put an order at the end of its price's queue."""
        price = order.price
        queue = self.queues.get(price)
        if queue is None:
            self.queues[price] = {order: None}
            self.sizes[price] = order.size
            insort(self.keys, price * self.sign)
        else:
            queue[order] = None
            self.sizes[price] += order.size
        order.slot = len(self.orders)
        self.orders.append(order)

    def remove(self, order: RestingOrder) -> None:
        """Take an order out, and its level with it if it was the last there."""
        price = order.price
        queue = self.queues[price]
        del queue[order]
        if queue:
            self.sizes[price] -= order.size
        else:
            del self.queues[price], self.sizes[price]
            self._forget_key(price * self.sign)
        last = self.orders.pop()
        if last is not order:
            self.orders[order.slot] = last
            last.slot = order.slot

    def take(self, size: int, worst_key: int, executions: list[Execution]) -> int:
        """Trade up to `size` down to a worst price, first in line first; return what is left."""
        keys = self.keys
        while size and keys and keys[-1] >= worst_key:
            price = keys[-1] * self.sign
            order = next(iter(self.queues[price]))
            traded = min(size, order.size)
            executions.append((price, traded))
            size -= traded
            if traded == order.size:
                self.remove(order)
            else:
                order.size -= traded
                self.sizes[price] -= traded
        return size

    def clear(self) -> None:
        """Take everyone out."""
        self.keys.clear()
        self.queues.clear()
        self.sizes.clear()
        self.orders.clear()

    def _forget_key(self, key: int) -> None:
        keys = self.keys
        if keys[-1] == key:
            keys.pop()
        else:
            del keys[bisect_left(keys, key)]


class MatchingBook:
    """Both sides of one market; what can trade, trades, so that it is never crossed."""

    __slots__ = ("asks", "bids")

    def __init__(self) -> None:
        self.bids = BookSide(Side.BUY)
        self.asks = BookSide(Side.SELL)

    def side(self, side: Side) -> BookSide:
        """Return the side where such orders rest."""
        return self.bids if side is Side.BUY else self.asks

    def submit_limit(self, side: Side, price: int, size: int) -> list[Execution]:
        """Trade as far as the price allows and rest what is left; return the trades."""
        own, other = (self.bids, self.asks) if side is Side.BUY else (self.asks, self.bids)
        executions: list[Execution] = []
        worst_key = price * other.sign
        if other.keys and other.keys[-1] >= worst_key:
            size = other.take(size, worst_key, executions)
        if size:
            own.add(RestingOrder(side, price, size))
        return executions

    def submit_market(self, side: Side, size: int, worst: int) -> list[Execution]:
        """Trade as far as a worst price, cancel what is left; return the trades."""
        other = self.asks if side is Side.BUY else self.bids
        executions: list[Execution] = []
        other.take(size, worst * other.sign, executions)
        return executions

    def cancel(self, order: RestingOrder) -> None:
        """Take an order out."""
        self.side(order.side).remove(order)
