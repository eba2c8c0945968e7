"""Brings working orders to a size, and asks for no size twice."""

from __future__ import annotations

from engine.execution.blotter import Blotter, in_words, label
from engine.execution.intake import Intake
from engine.messages.events import Severity
from engine.model.order import Order, OrderStatus

CANCELS_MAX = 3
"""How often one order is asked to go before a person is."""
ORIGIN = "leg"
_AMENDABLE = frozenset({OrderStatus.WORKING, OrderStatus.PARTIALLY_FILLED})


class Sizing:
    """Amends or cancels an order until it has the leaves it should have.

    An order that is underway, or to be cancelled, is left alone: its answer is the occasion to look again. A size that was refused
    is asked for again only after another one was wanted; a person is told.
    """

    def __init__(self, intake: Intake, blotter: Blotter) -> None:
        self._intake = intake
        self._blotter = blotter
        self._asked: dict[str, int] = {}
        """The last total that was asked of an order."""
        self._cancels: dict[str, int] = {}
        self._told: set[str] = set()
        """Orders whose last refusal was alerted."""

    def fit(self, order: Order, leaves: int) -> None:
        """Let an order have these leaves, in size units; none takes it off."""
        if leaves <= 0:
            self._cancel(order)
        elif order.leaves == leaves:
            self._asked.pop(order.client_id, None)
            self._told.discard(order.client_id)
        elif order.status in _AMENDABLE and not order.cancel_wanted:
            self._amend(order, order.filled + leaves)

    def took_off(self, order: Order) -> bool:
        """Return whether an order was asked to go from here."""
        return order.client_id in self._cancels

    def _amend(self, order: Order, total: int) -> None:
        client_id = order.client_id
        if self._asked.get(client_id) == total:
            self._tell(order, f"should be {in_words(order, total)} and could not be changed")
            return
        self._asked[client_id] = total
        self._told.discard(client_id)
        if not self._intake.amend(client_id, total, None, None, ORIGIN):
            self._tell(order, f"should be {in_words(order, total)} and may not be changed")

    def _cancel(self, order: Order) -> None:
        if not order.is_open or order.status is OrderStatus.PENDING_CANCEL:
            return
        asked = self._cancels.get(order.client_id, 0)
        if asked >= CANCELS_MAX:
            self._tell(order, f"should be gone and is {order.status} after {asked} cancels")
            return
        self._cancels[order.client_id] = asked + 1
        self._intake.cancel(order.client_id, ORIGIN)

    def _tell(self, order: Order, what: str) -> None:
        if order.client_id not in self._told:
            self._told.add(order.client_id)
            self._blotter.alert(Severity.CRITICAL, f"{label(order)} {what}")
