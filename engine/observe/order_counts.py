"""How many orders went which way; counted from events, asked once a second."""

from __future__ import annotations

from collections import Counter
from typing import Final

from engine.bus import Bus
from engine.messages.events import OrderChanged, OrderDenied, OrderFilled, OrderSubmitted
from engine.model.order import OrderStatus
from engine.observe.reject_reasons import REASONS, reason_kind

_PENDING_NEW: Final = OrderStatus.PENDING_NEW
_REJECTED: Final = OrderStatus.REJECTED


class OrderCounts:
    """Counts each order's arrival at each status, and the fills."""

    def __init__(self, bus: Bus) -> None:
        self.by_status = dict.fromkeys(OrderStatus, 0)
        """How often an order moved to a status; a change of terms alone is no move."""
        self.rejects: Counter[str] = Counter(dict.fromkeys(REASONS, 0))
        """Orders that a venue rejected, by the kind of what it said."""
        self.fills = 0
        bus.subscribe(OrderSubmitted, self._submitted)
        bus.subscribe(OrderDenied, self._denied)
        bus.subscribe(OrderChanged, self._changed)
        bus.subscribe(OrderFilled, self._filled)

    def _submitted(self, _: OrderSubmitted) -> None:
        self.by_status[_PENDING_NEW] += 1

    def _denied(self, _: OrderDenied) -> None:
        self.by_status[OrderStatus.DENIED] += 1

    def _changed(self, event: OrderChanged) -> None:
        if not event.moved:
            return
        status = event.status
        self.by_status[status] += 1
        if status is _REJECTED:
            self.rejects[reason_kind(event.order.reason)] += 1

    def _filled(self, _: OrderFilled) -> None:
        self.fills += 1
