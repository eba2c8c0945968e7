"""How an order of an earlier run comes back to the simulated venue: as the journal has it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from engine.adapters.paper.paper_order import PaperOrder
from engine.model.fill import Fill
from engine.model.order import Order, OrderStatus

_ENDED: Final = frozenset(
    {OrderStatus.FILLED, OrderStatus.CANCELED, OrderStatus.EXPIRED, OrderStatus.REJECTED}
)


def revived(order: Order, fills: Iterable[Fill]) -> PaperOrder | None:
    """Return an order with the terms that hold, or None for one that never reached the venue.

    It reached the venue if the venue gave it an id, or ended it. A cancel or an amendment that was
    underway is lost: the order is as it was.
    """
    ended = order.status if order.status in _ENDED else None
    if ended is None and not (order.is_open and order.venue_id):
        return None
    back = PaperOrder(order.request, 0)
    back.venue_id = order.venue_id
    back.quantity = order.quantity
    back.filled = order.filled
    back.fills.extend(fills)
    back.limit = order.limit if back.limit is not None else None
    back.stop = order.stop
    back.triggered = back.triggered or order.triggered
    back.ended = ended
    back.reason = order.reason
    back.updated_ns = order.updated_ns
    return back
