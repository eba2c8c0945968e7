"""Where orders meet the book: what they take, what stays, and the prices that stops wait for."""

from __future__ import annotations

from collections.abc import Callable
from decimal import ROUND_DOWN, Decimal
from typing import TYPE_CHECKING

from tests.venues.alpaca.account import collared
from tests.venues.alpaca.hours import SESSION
from tests.venues.alpaca.lives import end, leave_book, set_status
from tests.venues.alpaca.orders import STOPS, Order
from tests.venues.alpaca.texts import text
from tests.venues.price_time import ZERO, Resting

if TYPE_CHECKING:
    from tests.venues.alpaca.floor import Floor

OURS = "account"
HUNDRED = Decimal(100)


class Pit:
    """Works the account's orders."""

    def __init__(self, floor: Floor) -> None:
        self._floor = floor

    def start(self, order: Order) -> None:
        """Bring an order to its market, or keep it until that is open."""
        if self.may_trade(order):
            self.open(order)
        else:
            set_status(self._floor, order, "accepted")
            self._floor.tell("accepted", order)

    def may_trade(self, order: Order) -> bool:
        """Whether an order's market is open to it, besides the auctions."""
        if order.asset.is_crypto:
            return True
        if order.time_in_force in {"opg", "cls"} or order.asset.symbol in self._floor.halted:
            return False
        return self._floor.phase in SESSION or (order.extended_hours and self._floor.phase in {"pre", "post"})

    def open(self, order: Order) -> None:
        """Let an order be on its market."""
        set_status(self._floor, order, "new")
        self._floor.tell("new", order)
        self.work(order)

    def open_for_auction(self, order: Order) -> None:
        """Let an order trade with what is there at an auction, and end what is left of it."""
        set_status(self._floor, order, "new")
        self._floor.tell("new", order)
        self.cross(order)
        if not order.ended:
            end(self._floor, order, "canceled")

    def pause(self) -> None:
        """Take orders out of the book whose market is not open to them."""
        for order in self._floor.exchange.open:
            if not self.may_trade(order):
                leave_book(self._floor, order)

    def resume(self, symbol: str | None = None) -> None:
        """Work the orders that waited for their market to open."""
        for order in self._floor.exchange.open:
            if symbol in {None, order.asset.symbol} and self.may_trade(order):
                if order.status == "accepted":
                    self.open(order)
                elif order.status in {"new", "partially_filled"} and order.entry is None:
                    self.work(order)

    def work(self, order: Order) -> None:
        """Let an order meet the book, and leave in it what may stay."""
        if order.ended or order.status in {"held", "accepted", "pending_new"} or order.entry is not None:
            return
        if not self.may_trade(order) or (order.waits_for_price and not self._reached(order)):
            return
        self.cross(order)
        self._leave(order)

    def _leave(self, order: Order) -> None:
        """Leave what is left of an order in the book, or end it."""
        if order.ended:
            return
        if order.time_in_force in {"ioc", "fok"}:
            end(self._floor, order, "canceled")
        elif order.working_limit is not None:
            self._rest(order, order.working_limit)

    def _rest(self, order: Order, limit: Decimal) -> None:
        order.entry = Resting(OURS, order.side, limit, order.leaves, order.id)
        self._floor.book(order.asset).rest(order.entry)
        self._floor.changed(order.asset)

    def cross(self, order: Order) -> None:
        """Take what the book has for an order."""
        floor, book = self._floor, self._floor.book(order.asset)
        self._size_notional(order)
        limit = order.working_limit
        if order.time_in_force == "fok" and book.available(order.side, limit, OURS) < order.leaves:
            return
        made = book.take(order.side, order.leaves, limit, OURS)
        for each in made:
            if not order.ended:
                floor.printed(order.asset, each.price, each.quantity, order.side)
                self.fill(order, each.price, each.quantity)
        if made:
            floor.changed(order.asset)

    def _size_notional(self, order: Order) -> None:
        touch = self._floor.touch(order.asset)[1 if order.side == "buy" else 0]
        if order.notional is not None and touch is not None and not order.size:
            step = order.asset.quantity_step
            order.size = (order.notional / touch[0]).quantize(step, ROUND_DOWN)

    def fill(self, order: Order, price: Decimal, quantity: Decimal) -> None:
        """Let an order trade."""
        floor, now_ns = self._floor, self._floor.now_ns()
        order.filled += quantity
        order.paid += price * quantity
        whole = order.leaves <= 0
        if whole:
            order.entry = None
            set_status(self._floor, order, "filled", "filled")
        elif order.status in {"new", "partially_filled"}:
            set_status(self._floor, order, "partially_filled")
        fill_id = floor.new_id()
        floor.account.fill(order, price, quantity, now_ns, fill_id)
        floor.tell(
            "fill" if whole else "partial_fill",
            order,
            execution_id=fill_id,
            when_ns=now_ns,
            price=text(price),
            qty=text(quantity),
            position_qty=text(floor.account.held(order.asset)),
        )
        self._after_fill(order, quantity)

    def _after_fill(self, order: Order, quantity: Decimal) -> None:
        if order in order.exits:
            for other in order.exits:
                if other is not order and not other.ended:
                    self._shrink(other, quantity)
        elif order.status == "filled":
            for leg in order.legs:
                if leg.status == "held":
                    self.start(leg)

    def _shrink(self, order: Order, quantity: Decimal) -> None:
        """Make an exit smaller by what the other one sold."""
        if order.leaves <= quantity:
            end(self._floor, order, "canceled")
            return
        order.size -= quantity
        order.quantity = order.size
        if order.entry is not None:
            order.entry.quantity -= quantity

    def filled_at(self, order_id: str, price: Decimal, quantity: Decimal) -> None:
        """Let an order trade that waited in the book."""
        order = self._floor.exchange.find(order_id)
        if not order.ended:
            self.fill(order, price, quantity)

    def bust(self, fill_id: str) -> None:
        """Take a fill back; the order keeps its state."""
        floor = self._floor
        (activity,) = (each for each in floor.account.activities if each["id"].endswith(fill_id))
        order, quantity = floor.exchange.find(activity["order_id"]), Decimal(activity["qty"])
        order.filled -= quantity
        order.paid -= quantity * Decimal(activity["price"])
        floor.account.bust(order, activity)
        held = text(floor.account.held(order.asset))
        terms = {"price": activity["price"], "qty": activity["qty"], "position_qty": held}
        floor.tell("trade_bust", order, execution_id=fill_id, reason="TRADE_BUST", **terms)

    def market_moved(self, symbol: str) -> None:
        """Look at the orders that wait for a price, or for somebody to trade with."""
        for order in self._floor.exchange.open:
            waits = order.entry is None and (order.type in STOPS or order.working_limit is None)
            if waits and order.asset.symbol == symbol:
                self.work(order)

    def _reached(self, order: Order) -> bool:
        """Whether the market came to a stop; a trailing one follows it, in the session."""
        bid, ask = self._floor.touch(order.asset)
        market = ask if order.side == "buy" else bid
        if market is None:
            return False
        if order.type == "trailing_stop":
            self._trail(order, market[0])
        assert order.stop is not None
        if order.sign * (market[0] - order.stop) < 0:
            return False
        order.triggered = True
        if order.type == "stop" and order.side == "buy":
            order.collar = round(collared(order.stop), order.asset.price_decimals(order.stop))
        return True

    def _trail(self, order: Order, market: Decimal) -> None:
        better: Callable[[Decimal, Decimal], Decimal] = min if order.side == "buy" else max
        order.hwm = market if order.hwm is None else better(order.hwm, market)
        away = order.trail_price
        if away is None:
            away = order.hwm * (order.trail_percent or ZERO) / HUNDRED
        order.stop = round(order.hwm + order.sign * away, order.asset.price_decimals(order.hwm))
