"""What has been read of an order that is being typed."""

from __future__ import annotations

from collections.abc import Container
from typing import Any

from terminal.orderline.lines import Intent
from terminal.orderline.tokens import Token, shown


class OrderParts:
    """What has been read of an order so far."""

    def __init__(self, intent: Intent, symbols: Container[str]) -> None:
        self.intent = intent
        self.symbols = symbols
        self.fields: dict[str, Any] = {}
        self.limit_word: Token | None = None

    def put(self, token: Token, name: str, value: object, what: str) -> None:
        """Note a part of the order; each may be said once."""
        if name in self.fields:
            raise token.error(f"{shown(token.text)}: the order already has {what}")
        self.fields[name] = value

    def has(self, *names: str) -> bool:
        """Tell whether any of these parts was read."""
        return any(name in self.fields for name in names)
