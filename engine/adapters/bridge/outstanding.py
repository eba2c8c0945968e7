"""What was written to the gateway and is not answered: the orders whose fate is unknown if the link ends."""

from __future__ import annotations

from engine.adapters.bridge import protocol as p

OUTSTANDING_MAX = 10_000
"""Unanswered requests beyond which no new order is sent."""

_PROVES_THE_ORDER = (
    p.Accepted,
    p.Rejected,
    p.Triggered,
    p.Canceled,
    p.Expired,
    p.Replaced,
)
_ENDS = (p.Rejected, p.Canceled, p.Expired)
_ANSWERS_A_CHANGE = (p.Replaced, p.CancelRejected)


class Outstanding:
    """Counts requests by the order they are about; each answer takes off what it answers."""

    __slots__ = ("_changes", "_submits")

    def __init__(self) -> None:
        self._submits: dict[str, None] = {}
        self._changes: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._submits) + len(self._changes)

    def submitted(self, client_id: str) -> None:
        """Wait for the answer to an order."""
        self._submits[client_id] = None

    def changed(self, client_id: str) -> None:
        """Wait for the answer to a cancel or an amendment."""
        self._changes[client_id] = self._changes.get(client_id, 0) + 1

    def answered(self, message: p.FromGateway) -> None:
        """Wait no longer for what a message answers."""
        if isinstance(message, p.Filled | p.Corrected):
            self._submits.pop(message.fill.client_id, None)
        elif isinstance(message, p.Status):
            self._submits.pop(message.order.client_id, None)
        elif isinstance(message, _PROVES_THE_ORDER):
            self._submits.pop(message.client_id, None)
        if isinstance(message, _ENDS):
            self._changes.pop(message.client_id, None)
        elif isinstance(message, _ANSWERS_A_CHANGE):
            left = self._changes.get(message.client_id, 0) - 1
            if left > 0:
                self._changes[message.client_id] = left
            else:
                self._changes.pop(message.client_id, None)

    def take_all(self) -> list[str]:
        """Return the orders with anything unanswered, each once, and wait for none."""
        ids = list(self._submits | dict.fromkeys(self._changes))
        self._submits.clear()
        self._changes.clear()
        return ids
