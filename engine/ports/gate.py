"""What the order manager needs of the risk gate."""

from __future__ import annotations

from typing import Protocol

from engine.messages.events import Denial
from engine.model.order import Order, OrderRequest


class Gate(Protocol):
    """Says no with every reason, or lets pass; it never raises and never waits."""

    def check(self, request: OrderRequest) -> tuple[Denial, ...]:
        """Return every reason against sending this order; empty lets it pass."""

    def check_amend(
        self, order: Order, quantity: int, limit: int | None, stop: int | None, origin: str = "desk"
    ) -> tuple[Denial, ...]:
        """Return every reason against changing the order to these terms, in units; empty lets it pass.

        `quantity` is the new total, fills included; `origin` is where the change comes from.
        """

    def note_sent(self, request: OrderRequest) -> None:
        """Count an order that was let pass and is being sent: rates and duplicates are judged by it."""

    @property
    def stamp(self) -> int:
        """Which state of the halts orders are judged by now."""

    def held_back(self, request: OrderRequest, stamp: int) -> str:
        """Return why an order that passed under `stamp` may not leave after all; empty lets it go.

        Asked last, just before the send: trading may have been halted since the check.
        """
