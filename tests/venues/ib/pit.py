"""Where orders meet the book: what they take, what stays, and the prices that stops wait for."""

from __future__ import annotations

import time
from decimal import Decimal
from typing import TYPE_CHECKING

from tests.venues.ib.orders import Order
from tests.venues.ib.stock import Contract
from tests.venues.price_time import PriceTimeBook, Resting

if TYPE_CHECKING:
    from tests.venues.ib.floor import Floor

CROWD = "crowd"
OURS = "account"


class Pit:
    """Works the account's orders."""

    def __init__(self, floor: Floor) -> None:
        self._floor = floor

    def work(self, order: Order) -> None:
        """Let an order meet the book, and leave in it what may stay."""
        if order.ended or order.entry is not None or (order.waits and not self._reached(order)):
            return
        self._cross(order)
        self._leave(order)

    def _leave(self, order: Order) -> None:
        """Leave what is left of an order in the book, or end it."""
        if order.ended:
            return
        if order.tif in {"IOC", "FOK"}:
            self.end(order, "Cancelled by the exchange")
        elif order.working_limit is not None:
            order.entry = Resting(OURS, order.side, order.working_limit, order.leaves, str(order.perm_id))
            self._book(order).rest(order.entry)
            self._floor.moved(order.contract)

    def leave(self, order: Order) -> None:
        """Take an order out of the book."""
        if order.entry is not None:
            self._book(order).remove(order.entry)
            order.entry = None

    def end(self, order: Order, why: str) -> None:
        """End an order that is not filled."""
        self.leave(order)
        order.status, order.ended_s, order.why_ended = "Cancelled", time.time(), why
        self._floor.ended(order)

    def reached(self, entry: Resting, price: Decimal, quantity: Decimal) -> None:
        """Let an order trade that waited in the book."""
        order = next(each for each in self._floor.orders if str(each.perm_id) == entry.order_id)
        self._fill(order, price, quantity, is_maker=True)

    def market_moved(self, contract: Contract) -> None:
        """Look at the orders that wait for a price, or for somebody to trade with."""
        for order in list(self._floor.orders):
            if order.contract is contract and not order.ended and order.entry is None:
                self.work(order)

    def _cross(self, order: Order) -> None:
        book, limit = self._book(order), order.working_limit
        if order.tif == "FOK" and book.available(order.side, limit, OURS) < order.leaves:
            return
        for each in book.take(order.side, order.leaves, limit, OURS):
            self._fill(order, each.price, each.quantity, is_maker=False)

    def _fill(self, order: Order, price: Decimal, quantity: Decimal, *, is_maker: bool) -> None:
        order.filled += quantity
        order.paid += price * quantity
        order.last_price = price
        if order.leaves <= 0:
            order.entry = None
            order.status, order.ended_s = "Filled", time.time()
            order.why_ended = f"Filled Size: {order.filled}"
        self._floor.filled(order, price, quantity, is_maker=is_maker)

    def _reached(self, order: Order) -> bool:
        """Whether the market came to a stop; a trailing one follows it."""
        bid, ask = self._floor.touch(order.contract)
        market = ask if order.side == "buy" else bid
        if market is None:
            return False
        stop = order.aux
        if order.type == "TRAIL":
            assert order.aux is not None
            away = market[0] + order.sign * order.aux
            best = min if order.side == "buy" else max
            stop = order.trail_stop = away if order.trail_stop is None else best(order.trail_stop, away)
        assert stop is not None
        if order.sign * (market[0] - stop) < 0:
            return False
        order.triggered, order.status = True, "Submitted"
        self._floor.tell(order)
        return True

    def _book(self, order: Order) -> PriceTimeBook:
        return self._floor.books[order.contract.con_id]
