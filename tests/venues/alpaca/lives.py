"""How the states of orders change, and how orders end with those that they belong to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.venues.alpaca.orders import Order

if TYPE_CHECKING:
    from tests.venues.alpaca.floor import Floor


def set_status(floor: Floor, order: Order, status: str, time: str = "updated") -> None:
    """Let an order have another state from now on."""
    order.status = status
    now_ns = floor.now_ns()
    order.times |= {"updated": now_ns, time: now_ns}


def end(floor: Floor, order: Order, status: str) -> None:
    """End an order, and those that end with it."""
    leave_book(floor, order)
    set_status(floor, order, status, status)
    floor.tell(status, order)
    end_family(floor, order)


def end_family(floor: Floor, order: Order) -> None:
    """Cancel what is left of an order's family."""
    for other in order.family:
        if not other.ended:
            end(floor, other, "canceled")


def leave_book(floor: Floor, order: Order) -> None:
    """Take what waits of an order out of the book."""
    if order.entry is not None:
        floor.book(order.asset).remove(order.entry)
        order.entry = None
        floor.changed(order.asset)
