"""What is asked of the venue: orders taken, cancelled and replaced; each step is told to the trade stream."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.venues.alpaca.lives import end, end_family, leave_book, set_status
from tests.venues.alpaca.orders import REPLACEABLE, Order
from tests.venues.alpaca.refusal import not_found, wrong_parameter, wrong_state
from tests.venues.alpaca.taking import read_replacement, take_order

if TYPE_CHECKING:
    from tests.venues.alpaca.floor import Floor

TOO_LATE = {"opg": {"regular", "closing", "post"}, "cls": {"closing", "post"}}
"""The phases in which orders for the auctions are not taken."""


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
        if order.ended or any(each.status == "pending_cancel" for each in order.family):
            raise wrong_state(f'order is already in "{order.status}" state')
        before = order.status
        set_status(self._floor, order, "pending_cancel")
        self._floor.tell("pending_cancel", order)
        self._floor.change_later(lambda: self._cancel(order, before))

    def _cancel(self, order: Order, before: str) -> None:
        if order.status == "canceled":
            return  # with its family
        if order.ended:
            self._floor.tell("order_cancel_rejected", order, reason="TOO_LATE_TO_CANCEL")
        elif self._floor.faults.refuse_cancels:
            set_status(self._floor, order, "partially_filled" if order.filled else before)
            self._floor.tell("order_cancel_rejected", order)
        else:
            end(self._floor, order, "canceled")

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
            others = [each for each in self.open if each is not old and each not in old.exits]
            self._floor.account.check(new, others, self._floor.touch)
        before = old.status
        self._enter(new)
        set_status(self._floor, old, "pending_replace")
        self._floor.tell("pending_replace", old)
        self._floor.change_later(lambda: self._replace(old, new, before))
        return new

    def _replace(self, old: Order, new: Order, before: str) -> None:
        refused = self._floor.faults.refuse_replaces
        if old.ended or refused:
            if refused and not old.ended:
                set_status(self._floor, old, "partially_filled" if old.filled else before)
            set_status(self._floor, new, "rejected", "failed")
            self._floor.tell("order_replace_rejected", old)
            return
        leave_book(self._floor, old)
        self._take_place(old, new)
        old.replaced_by = new.id
        set_status(self._floor, old, "replaced", "replaced")
        self._floor.tell("replaced", old)
        if before == "held":
            set_status(self._floor, new, "held")
            self._floor.tell("held", new)
        else:
            new.triggered = old.triggered
            self._floor.pit.open(new)

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
        if reason or floor.phase in TOO_LATE.get(order.time_in_force, ()):
            set_status(self._floor, order, "rejected", "failed")
            floor.tell("rejected", order, **({"reason": reason} if reason else {}))
            end_family(floor, order)
            return
        floor.tell("pending_new", order)
        if order.order_class == "oco":
            for leg in order.legs:
                self._floor.pit.start(leg)
        self._floor.pit.start(order)
