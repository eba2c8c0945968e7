"""What can be asked of an order, and the states it can be in."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from msgspec import Struct

from engine.model.instrument import Symbol
from engine.model.trade import Side

EXIT_ORIGINS: Final = frozenset({"exit", "leg"})
"""Where a deliberate flatten, and the stops and targets of what is held, come from."""


class OrderType(StrEnum):
    """How the price of an order is decided."""

    MARKET = "market"
    LIMIT = "limit"
    STOP = "stop"
    STOP_LIMIT = "stop_limit"
    TRAILING = "trailing"


class TimeInForce(StrEnum):
    """How long an order lives."""

    DAY = "day"
    GTC = "gtc"
    IOC = "ioc"
    FOK = "fok"


class OrderStatus(StrEnum):
    """Where an order is in its life; `execution/order_state.py` says which leads to which."""

    DENIED = "denied"
    """Our own risk gate said no; it never left."""
    PENDING_NEW = "pending_new"
    """Sent, not yet answered."""
    WORKING = "working"
    PARTIALLY_FILLED = "partially_filled"
    PENDING_CANCEL = "pending_cancel"
    PENDING_REPLACE = "pending_replace"
    FILLED = "filled"
    CANCELED = "canceled"
    EXPIRED = "expired"
    REJECTED = "rejected"
    """The venue said no."""
    NOT_FOUND = "not_found"
    """The venue proved, more than once, that it never had it."""
    UNKNOWN = "unknown"
    """We can't tell: neither resent nor given up until the venue proves it."""

    @property
    def is_open(self) -> bool:
        """Whether the order may still trade; UNKNOWN counts as open."""
        return self in _OPEN


_OPEN = frozenset(
    {
        OrderStatus.PENDING_NEW,
        OrderStatus.WORKING,
        OrderStatus.PARTIALLY_FILLED,
        OrderStatus.PENDING_CANCEL,
        OrderStatus.PENDING_REPLACE,
        OrderStatus.UNKNOWN,
    }
)


class Leg(StrEnum):
    """What an order is to the entry that it protects."""

    NONE = "none"
    STOP = "stop"
    TARGET = "target"


class ExitPlan(Struct, frozen=True, kw_only=True, gc=False):
    """How an entry is to be left once it fills: prices in price units, sizes follow its fills."""

    stop: int | None = None
    """A stop at this price; with `trail` instead, one that follows the market."""
    trail: int | None = None
    target: int | None = None
    """A limit at this price."""


class OrderRequest(Struct, frozen=True, kw_only=True, gc=False):
    """A wish to trade, complete: quantity and prices in the instrument's units."""

    client_id: str
    number: int
    """The short number on the desk (#12)."""
    account: str
    symbol: Symbol
    side: Side
    quantity: int
    type: OrderType
    limit: int | None = None
    stop: int | None = None
    trail: int | None = None
    """Distance of a trailing stop from the best price since, in price units."""
    tif: TimeInForce = TimeInForce.DAY
    post_only: bool = False
    reduce_only: bool = False
    origin: str = "desk"
    """Where it came from: desk, line, ticket, exit, leg, script, model, external."""
    strategy: str = ""
    """Whose idea it is; what is halted by strategy is halted by this name."""
    plan: ExitPlan | None = None
    """The stop and target that are sent as it fills."""
    parent: str = ""
    """The client id of the entry that this leg protects."""
    leg: Leg = Leg.NONE
    group: str = ""
    """Orders of one group cancel each other: what fills of one is taken off the others."""
    created_ns: int = 0
    correlation: str = ""
    """One id from the keypress to the fill."""

    @property
    def is_paired(self) -> bool:
        """Whether it was sent as one of two exits that the broker holds as one: they have a group of their own."""
        return bool(self.parent) and self.group not in {"", self.parent}
