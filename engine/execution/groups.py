"""One cancels the other: what fills of one order of a group is taken off the others."""

from __future__ import annotations

from engine.execution.blotter import Blotter, in_words, label
from engine.execution.compare import FOREIGN
from engine.execution.sizing import Sizing
from engine.messages.events import Severity
from engine.model.order import Order, OrderStatus


class Groups:
    """Keeps the orders of each group that has no entry to follow; those that were placed elsewhere the broker keeps.

    Orders only shrink: a busted fill is not given back to the others. When the venue fills more than one, all
    of it is booked, and a person is told.
    """

    def __init__(self, sizing: Sizing, blotter: Blotter) -> None:
        self._sizing = sizing
        self._blotter = blotter
        self._members: dict[str, dict[str, Order]] = {}
        self._raced: dict[str, int] = {}

    def take(self, order: Order) -> None:
        """Count an order to its group."""
        self._members.setdefault(order.request.group, {})[order.client_id] = order

    def __contains__(self, group: str) -> bool:
        return group in self._members

    def names(self) -> tuple[str, ...]:
        """Return every group that may still change."""
        return tuple(self._members)

    def tend(self, group: str) -> None:
        """Take off each order what the others filled, and all of it once one of them is done."""
        members = tuple(self._members.get(group, {}).values())
        filled = sum(order.filled for order in members)
        for order in members:
            others = filled - order.filled
            done = any(each.status is OrderStatus.FILLED for each in members if each is not order)
            total = 0 if done else order.request.quantity - others
            is_ours = order.request.origin != FOREIGN
            if order.is_open and others and order.quantity > total and is_ours:
                self._sizing.fit(order, total - order.filled)
        self._tell_of_race(group, members, filled)
        if not any(order.is_open for order in members):
            self._members.pop(group, None)

    def _tell_of_race(self, group: str, members: tuple[Order, ...], filled: int) -> None:
        over = filled - max((order.request.quantity for order in members), default=0)
        if over > self._raced.get(group, 0):
            self._raced[group] = over
            names = " and ".join(label(order) for order in members if order.filled)
            text = f"{names} cancel each other, and filled {in_words(members[0], over)} too much together"
            self._blotter.alert(Severity.CRITICAL, text)
