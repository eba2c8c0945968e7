"""Which orders changed since somebody last asked; none is ever left out."""

from __future__ import annotations

from engine.model.order import Order


class ChangeFeed:
    """Keeps each changed order once, in order of its last change.

    It can't grow beyond the orders of the run, and it loses nothing: the reader that comes late finds
    every order that changed, in its latest state.
    """

    __slots__ = ("_changed",)

    def __init__(self) -> None:
        self._changed: dict[str, Order] = {}

    def __len__(self) -> int:
        return len(self._changed)

    def note(self, order: Order) -> None:
        """Move an order to the end: it changed just now."""
        self._changed.pop(order.client_id, None)
        self._changed[order.client_id] = order

    def take(self) -> tuple[Order, ...]:
        """Return what changed since the last take, and begin anew."""
        taken = tuple(self._changed.values())
        self._changed.clear()
        return taken
