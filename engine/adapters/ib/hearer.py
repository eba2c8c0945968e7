"""Who is told what a gateway says, on the loop's thread; each overrides what it wants to hear."""

from __future__ import annotations

from typing import Any


class Hearer:
    """Hears nothing."""

    def opened(self) -> None:
        """Ask for everything: it is a new connection."""

    def lost(self, reason: str) -> None:
        """Distrust what was said until it is opened again; perhaps once more with another reason."""

    def notice(self, code: int, text: str) -> None:
        """Hear of something that is about nothing that was asked for."""

    def objected(self, number: int, code: int, text: str) -> None:
        """Hear that an order or a subscription is not well."""

    def unreadable_message(self, fault: str) -> None:
        """Hear that a message could not be read."""

    def open_order(self, contract: Any, order: Any, state: Any) -> None:
        """Hear of an order that works, or has just ended."""

    def order_status(self, order_id: int, status: str, filled: float, perm_id: int, client_id: int) -> None:
        """Hear how an order stands."""

    def execution(self, contract: Any, execution: Any) -> None:
        """Hear of a fill."""

    def fee(self, fee: Any) -> None:
        """Hear what a fill cost."""

    def tick(self, number: int, kind: int, price: float | None, size: float | None) -> None:
        """Hear of a price and its size, or one of them, of a subscription."""

    def text(self, number: int, kind: int, text: str) -> None:
        """Hear of something of a subscription that is a text."""

    def value(self, number: int, kind: int, value: float) -> None:
        """Hear of something of a subscription that is a number."""
