"""The account's coins: what is free, and what is kept for orders."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from tests.venues.binance.orders import Order, Trade
from tests.venues.binance.stock import Pair, padded
from tests.venues.price_time import ZERO

BEGUN_WITH = {"BTC": Decimal(1000), "ETH": Decimal(1000), "USDT": Decimal(100_000_000), "BNB": Decimal(10)}


class Purse:
    """What there is; nobody owes."""

    def __init__(self) -> None:
        self.free = dict(BEGUN_WITH)
        self.locked: dict[str, Decimal] = {}

    def covers(self, pair: Pair, order: Order, cost: Decimal) -> bool:
        """Whether an order can be paid."""
        return self._needed(order, cost) <= self.free.get(_paid_with(pair, order), ZERO)

    def reserve(self, pair: Pair, order: Order) -> None:
        """Keep what an order may cost."""
        order.reserved = self._needed(order, ZERO)
        self._move(_paid_with(pair, order), order.reserved)

    def release(self, pair: Pair, order: Order, quantity: Decimal) -> None:
        """Give back what was kept for a part of an order."""
        kept = min(order.reserved, self._part(order, quantity))
        order.reserved -= kept
        self._move(_paid_with(pair, order), -kept)

    def hand_on(self, order: Order, other: Order) -> None:
        """Let what is kept for one be kept for another: of the two only one is paid."""
        other.reserved, order.reserved = other.reserved + order.reserved, ZERO

    def forget(self, pair: Pair, order: Order) -> None:
        """Give back all that is kept for an order."""
        self._move(_paid_with(pair, order), -order.reserved)
        order.reserved = ZERO

    def filled(self, pair: Pair, made: Trade) -> None:
        """Let coins change hands."""
        order, cost = made.order, made.price * made.quantity
        self.release(pair, order, made.quantity)
        gone, came = (pair.quote, pair.base) if order.side == "BUY" else (pair.base, pair.quote)
        self.free[gone] = self.free.get(gone, ZERO) - (cost if order.side == "BUY" else made.quantity)
        got = made.quantity if order.side == "BUY" else cost
        self.free[came] = self.free.get(came, ZERO) + got - made.fee

    def told(self, coin: str) -> dict[str, str]:
        """Return what there is of a coin, as events have it."""
        free, locked = self.free.get(coin, ZERO), self.locked.get(coin, ZERO)
        return {"f": padded(str(free)), "l": padded(str(locked))}

    def read(self) -> list[dict[str, Any]]:
        """Return all there is, as it is read over HTTP."""
        found = []
        for coin in sorted(self.free):
            amounts = self.told(coin)
            found.append({"asset": coin, "free": amounts["f"], "locked": amounts["l"]})
        return found

    def _needed(self, order: Order, cost: Decimal) -> Decimal:
        return self._part(order, order.quantity) or cost

    @staticmethod
    def _part(order: Order, quantity: Decimal) -> Decimal:
        if order.side == "SELL":
            return quantity
        return ZERO if order.limit is None else order.limit * quantity

    def _move(self, coin: str, amount: Decimal) -> None:
        self.free[coin] = self.free.get(coin, ZERO) - amount
        self.locked[coin] = self.locked.get(coin, ZERO) + amount


def _paid_with(pair: Pair, order: Order) -> str:
    return pair.quote if order.side == "BUY" else pair.base
