"""Reads order lines that come from programs, against what the engine told: the same grammar as at the desk."""

from __future__ import annotations

from engine.errors import InvalidValue
from engine.mirror import Mirror
from engine.model.order import OrderRequest
from terminal.desk import Desk
from terminal.orderline.drafting import Drafter
from terminal.orderline.intents import orders_of


def read_order_line(line: str, mirror: Mirror, account: str) -> tuple[OrderRequest, ...]:
    """Return the orders that a line asks for: one, or two of which one cancels the other.

    Nothing is focused, so a line names its symbol.

    Raises:
        InvalidValue: it asks for none; the sentence says why.
    """
    draft = Drafter(_seen(mirror), account).draft(line)
    if draft.action is None:
        raise InvalidValue(draft.sentence or "expected an order such as b 100 AAPL ask+.05")
    requests = tuple(order.request for order in orders_of(draft.action))
    if not requests:
        raise InvalidValue("this line sends no order; what else a desk does has routes of its own")
    return requests


def _seen(mirror: Mirror) -> Desk:
    """Return a desk at which this is seen; it has all of it in common with the mirror."""
    desk = Desk()
    vars(desk).update(vars(mirror))
    return desk
