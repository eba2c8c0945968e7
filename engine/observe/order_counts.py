"""How many orders went which way; counted from events, asked once a second."""

from __future__ import annotations

from collections import Counter, deque
from typing import Final

from engine.bus import Bus
from engine.messages.events import OrderChanged, OrderDenied, OrderFilled, OrderSubmitted
from engine.model.order import OrderStatus
from engine.observe.reject_reasons import REASONS, reason_kind

ENDED_MAX: Final = 5_000
"""Of so many orders that ended it is known how, lest the same end counts twice."""
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
        self._latest: dict[str, OrderStatus] = {}
        """By client id: what is open, and the latest of what ended."""
        self._ended: deque[str] = deque()
        """What ended, in that order; once more if it ended again."""
        bus.subscribe(OrderSubmitted, self._submitted)
        bus.subscribe(OrderDenied, self._denied)
        bus.subscribe(OrderChanged, self._changed)
        bus.subscribe(OrderFilled, self._filled)

    def _submitted(self, event: OrderSubmitted) -> None:
        self._latest[event.request.client_id] = _PENDING_NEW
        self.by_status[_PENDING_NEW] += 1

    def _denied(self, _: OrderDenied) -> None:
        self.by_status[OrderStatus.DENIED] += 1

    def _changed(self, event: OrderChanged) -> None:
        client_id, status = event.order.client_id, event.status
        if self._latest.get(client_id) is status:
            return
        self._latest[client_id] = status
        self.by_status[status] += 1
        if status is _REJECTED:
            self.rejects[reason_kind(event.order.reason)] += 1
        if not status.is_open:
            self._end(client_id)

    def _end(self, client_id: str) -> None:
        ended = self._ended
        ended.append(client_id)
        if len(ended) > ENDED_MAX:
            old = ended.popleft()
            if old in self._latest and not self._latest[old].is_open:
                del self._latest[old]

    def _filled(self, _: OrderFilled) -> None:
        self.fills += 1
