"""What a client can subscribe to."""

from __future__ import annotations

from enum import StrEnum, unique
from typing import Final


@unique
class Channel(StrEnum):
    """One kind of thing that changes."""

    QUOTES = "quotes"
    DEPTH = "depth"
    ORDERS = "orders"
    POSITIONS = "positions"
    ACCOUNT = "account"
    RISK = "risk"
    HEALTH = "health"
    ALERTS = "alerts"
    ALARMS = "alarms"


OF_SYMBOLS: Final = frozenset({Channel.QUOTES, Channel.DEPTH})
"""Those that are subscribed to by symbol."""
KEPT: Final = frozenset({Channel.ORDERS, Channel.ALERTS, Channel.ALARMS})
"""Those of which every change is sent; of the others a client that is behind gets the latest."""
WHOLE: Final = frozenset({Channel.POSITIONS, Channel.ACCOUNT, Channel.RISK, Channel.HEALTH})
"""Those that are told whole each time."""
