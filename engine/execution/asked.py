"""What asking does to an order: the same when it is asked, and when the journal is read back."""

from __future__ import annotations

from engine.execution.blotter import Blotter, forget_amend
from engine.execution.order_state import resting_status
from engine.messages.events import Denial, OrderSubmitted
from engine.model.instrument import Instrument
from engine.model.order import Order, OrderStatus

_AWAITS_THE_CANCEL = frozenset({OrderStatus.UNKNOWN, OrderStatus.PENDING_CANCEL})


def order_sent(submitted: OrderSubmitted, instrument: Instrument) -> Order:
    """Make the order that was sent."""
    order = Order(submitted.request, instrument)
    order.sent_bid, order.sent_ask = submitted.bid, submitted.ask
    return order


def enter_denied(blotter: Blotter, order: Order, denials: tuple[Denial, ...]) -> None:
    """Take in an order that our own gate refused."""
    order.status = OrderStatus.DENIED
    order.leaves = 0
    order.reason = "; ".join(denial.text for denial in denials)
    blotter.enter(order)


def abandoned(blotter: Blotter, order: Order, reason: str) -> None:
    """End an order that was written down and never left."""
    blotter.move(order, OrderStatus.CANCELED, reason)


def cancel_asked(blotter: Blotter, order: Order) -> None:
    """Note that a cancel is wanted, perhaps once more; an unknown order stays so until answered, and one that ended."""
    order.cancel_wanted = True
    if order.is_open and order.status not in _AWAITS_THE_CANCEL:
        blotter.move(order, OrderStatus.PENDING_CANCEL)


def amend_asked(blotter: Blotter, order: Order, quantity: int, limit: int | None, stop: int | None) -> None:
    """Note the terms that are on their way."""
    order.amend_quantity, order.amend_limit, order.amend_stop = quantity, limit, stop
    blotter.move(order, OrderStatus.PENDING_REPLACE)


def amend_abandoned(blotter: Blotter, order: Order) -> None:
    """Put an order back to its old terms, if new ones were written down that never left."""
    if order.status is OrderStatus.PENDING_REPLACE:
        forget_amend(order)
        blotter.move(order, resting_status(order))


def unanswered(blotter: Blotter, order: Order, reason: str) -> None:
    """Note that the broker was silent for too long: the order's fate is unknown."""
    blotter.move(order, OrderStatus.UNKNOWN, reason)
