"""What happens to orders: taken, worked in the book, changed and ended; each step is told to the trade stream."""

from __future__ import annotations

from collections.abc import Callable
from decimal import ROUND_DOWN, Decimal
from typing import TYPE_CHECKING, Any

from tests.venues.alpaca.account import collared
from tests.venues.alpaca.hours import SESSION
from tests.venues.alpaca.orders import REPLACEABLE, STOPS, Order
from tests.venues.alpaca.refusal import not_found, wrong_parameter, wrong_state
from tests.venues.alpaca.taking import read_replacement, take_order
from tests.venues.alpaca.texts import text
from tests.venues.price_time import ZERO, Resting

if TYPE_CHECKING:
    from tests.venues.alpaca.floor import Floor

OURS = "account"
HUNDRED = Decimal(100)


class Exchange:
    """Holds every order of the account, oldest first."""

    def __init__(self, floor: Floor) -> None:
        self.orders: dict[str, Order] = {}
        self._floor = floor

    @property
    def open(self) -> list[Order]:
        """The orders to which something may still happen."""
        return [order for order in self.orders.values() if not order.ended]

    def find(self, order_id: str) -> Order:
        """Return an order.

        Raises:
            Refusal: there is none of this id.
        """
        order = self.orders.get(order_id)
        if order is None:
            raise not_found(f"order not found for {order_id}")
        return order

    def find_named(self, client_id: str) -> Order:
        """Return the order that a client named so.

        Raises:
            Refusal: there is none.
        """
        for order in self.orders.values():
            if order.client_order_id == client_id:
                return order
        raise not_found(f"order not found for {client_id}")

    # What is asked for

    def submit(self, body: dict[str, Any]) -> Order:
        """Take an order; what becomes of it follows.

        Raises:
            Refusal: it is not taken.
        """
        order = take_order(body, self._floor)
        if any(each.client_order_id == order.client_order_id for each in self.orders.values()):
            raise wrong_parameter("client_order_id must be unique")
        self._enter(order)
        for leg in order.legs:
            self._enter(leg)
        self._floor.later(self._floor.faults.ack_s, lambda: self._route(order))
        return order

    def _enter(self, order: Order) -> None:
        now_ns = self._floor.now_ns()
        order.times |= {"created": now_ns, "updated": now_ns, "submitted": now_ns}
        self.orders[order.id] = order

    def cancel(self, order_id: str) -> None:
        """Begin to cancel.

        Raises:
            Refusal: there is nothing to cancel.
        """
        order = self.find(order_id)
        if order.ended or order.status == "pending_cancel":
            raise wrong_state(f'order is already in "{order.status}" state')
        before = order.status
        self._set(order, "pending_cancel")
        self._floor.tell("pending_cancel", order)
        self._floor.later(self._floor.faults.change_s, lambda: self._cancel(order, before))

    def _cancel(self, order: Order, before: str) -> None:
        if order.status == "canceled":
            return  # with its family
        if order.ended:
            self._floor.tell("order_cancel_rejected", order, reason="TOO_LATE_TO_CANCEL")
        elif self._floor.faults.refuse_cancels:
            self._set(order, "partially_filled" if order.filled else before)
            self._floor.tell("order_cancel_rejected", order)
        else:
            self.end(order, "canceled")

    def replace(self, order_id: str, body: dict[str, Any]) -> Order:
        """Begin to put another in an order's place.

        Raises:
            Refusal: it can't be replaced, or not so.
        """
        old = self.find(order_id)
        if old.ended:
            raise wrong_state(f'order is already in "{old.status}" state')
        if old.status not in REPLACEABLE:
            raise wrong_state("unable to replace order in current state")
        if old.notional is not None:
            raise wrong_state("notional orders cannot be replaced")
        new = read_replacement(old, body, self._floor)
        if any(each.client_order_id == new.client_order_id for each in self.orders.values()):
            raise wrong_parameter("client_order_id must be unique")
        if new.status != "held":
            others = [each for each in self.open if each is not old]
            self._floor.account.check(new, others, self._floor.touch)
        before = old.status
        self._enter(new)
        self._set(old, "pending_replace")
        self._floor.tell("pending_replace", old)
        self._floor.later(self._floor.faults.change_s, lambda: self._replace(old, new, before))
        return new

    def _replace(self, old: Order, new: Order, before: str) -> None:
        refused = self._floor.faults.refuse_replaces
        if old.ended or refused:
            if refused and not old.ended:
                self._set(old, "partially_filled" if old.filled else before)
            self._set(new, "rejected", "failed")
            self._floor.tell("order_replace_rejected", old)
            return
        self._leave_book(old)
        self._take_place(old, new)
        old.replaced_by = new.id
        self._set(old, "replaced", "replaced")
        self._floor.tell("replaced", old)
        if before == "held":
            self._set(new, "held")
            self._floor.tell("held", new)
        else:
            new.triggered = old.triggered
            self._open(new)

    def _take_place(self, old: Order, new: Order) -> None:
        new.parent, new.legs = old.parent, old.legs
        for leg in new.legs:
            leg.parent = new
        if new.parent is not None:
            new.parent.legs[new.parent.legs.index(old)] = new
        old.parent, old.legs = None, []

    # What the venue does

    def _route(self, order: Order) -> None:
        """Bring an order to the market, or keep it until its market is open."""
        floor = self._floor
        if order.status != "pending_new":
            return
        reason = floor.faults.rejections.pop(0) if floor.faults.rejections else ""
        if reason or self._too_late_for_auction(order):
            self._set(order, "rejected", "failed")
            floor.tell("rejected", order, **({"reason": reason} if reason else {}))
            self._end_family(order)
            return
        floor.tell("pending_new", order)
        if order.order_class == "oco":
            for leg in order.legs:
                self._start(leg)
        self._start(order)

    def _start(self, order: Order) -> None:
        if self.may_trade(order):
            self._open(order)
        else:
            self._set(order, "accepted")
            self._floor.tell("accepted", order)

    def _too_late_for_auction(self, order: Order) -> bool:
        late = {"opg": {"regular", "closing", "post"}, "cls": {"closing", "post"}}
        return self._floor.phase in late.get(order.time_in_force, ())

    def may_trade(self, order: Order) -> bool:
        """Whether an order's market is open to it, besides the auctions."""
        if order.asset.is_crypto:
            return True
        if order.time_in_force in {"opg", "cls"} or order.asset.symbol in self._floor.halted:
            return False
        return self._floor.phase in SESSION or (order.extended_hours and self._floor.phase in {"pre", "post"})

    def open_for_auction(self, order: Order) -> None:
        """Let an order trade with what is there at an auction, and end what is left of it."""
        self._set(order, "new")
        self._floor.tell("new", order)
        self.cross(order)
        if not order.ended:
            self.end(order, "canceled")

    def _open(self, order: Order) -> None:
        self._set(order, "new")
        self._floor.tell("new", order)
        self.work(order)

    def resume(self, symbol: str | None = None) -> None:
        """Work the orders that waited for their market to open."""
        for order in self.open:
            if symbol in {None, order.asset.symbol} and self.may_trade(order):
                if order.status == "accepted":
                    self._open(order)
                elif order.status in {"new", "partially_filled"} and order.entry is None:
                    self.work(order)

    def work(self, order: Order) -> None:
        """Let an order meet the book, and leave in it what may stay."""
        if order.ended or order.status in {"held", "accepted", "pending_new"} or order.entry is not None:
            return
        if not self.may_trade(order) or (order.waits_for_price and not self._reached(order)):
            return
        self.cross(order)
        if order.ended or order.leaves <= 0:
            return
        if order.time_in_force in {"ioc", "fok"}:
            self.end(order, "canceled")
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
            self._set(order, "filled", "filled")
        elif order.status in {"new", "partially_filled"}:
            self._set(order, "partially_filled")
        fill_id = floor.new_id()
        floor.account.fill(order, price, quantity, now_ns, fill_id)
        floor.tell(
            "fill" if whole else "partial_fill",
            order,
            execution_id=fill_id,
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
                    self._start(leg)

    def _shrink(self, order: Order, quantity: Decimal) -> None:
        """Make an exit smaller by what the other one sold."""
        if order.leaves <= quantity:
            self.end(order, "canceled")
            return
        order.size -= quantity
        order.quantity = order.size
        if order.entry is not None:
            order.entry.quantity -= quantity

    def filled_at(self, order_id: str, price: Decimal, quantity: Decimal) -> None:
        """Let an order trade that waited in the book."""
        self.fill(self.orders[order_id], price, quantity)

    def end(self, order: Order, status: str) -> None:
        """End an order, and those that end with it."""
        self._leave_book(order)
        self._set(order, status, status)
        self._floor.tell(status, order)
        self._end_family(order)

    def _end_family(self, order: Order) -> None:
        for other in order.family:
            if not other.ended:
                self.end(other, "canceled")

    def _leave_book(self, order: Order) -> None:
        if order.entry is not None:
            self._floor.book(order.asset).remove(order.entry)
            order.entry = None
            self._floor.changed(order.asset)

    def _set(self, order: Order, status: str, time: str = "updated") -> None:
        order.status = status
        now_ns = self._floor.now_ns()
        order.times |= {"updated": now_ns, time: now_ns}

    # Prices

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

    def market_moved(self, symbol: str) -> None:
        """Look at the orders that wait for a price, or for somebody to trade with."""
        for order in self.open:
            waits = order.entry is None and (order.type in STOPS or order.working_limit is None)
            if waits and order.asset.symbol == symbol:
                self.work(order)
