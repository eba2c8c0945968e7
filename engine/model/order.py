"""Orders: what was asked for, and what we believe became of it."""

from __future__ import annotations

from typing import Final

from engine.model.fill import Fill
from engine.model.instrument import Instrument
from engine.model.order_request import (
    EXIT_ORIGINS,
    ExitPlan,
    Leg,
    OrderRequest,
    OrderStatus,
    OrderType,
    TimeInForce,
)

__all__ = [
    "EXIT_ORIGINS",
    "ExitPlan",
    "Leg",
    "Order",
    "OrderRequest",
    "OrderStatus",
    "OrderType",
    "TimeInForce",
]

_PENDING_NEW: Final = OrderStatus.PENDING_NEW


class Order:
    """One order's life so far; only the order manager writes it."""

    __slots__ = (
        "amend_limit",
        "amend_quantity",
        "amend_stop",
        "cancel_wanted",
        "client_id",
        "fees_micros",
        "filled",
        "fills",
        "instrument",
        "leaves",
        "limit",
        "moment",
        "quantity",
        "queue_ahead",
        "reason",
        "request",
        "sent_ask",
        "sent_bid",
        "side",
        "status",
        "stop",
        "submitted_monotonic_ns",
        "symbol",
        "told",
        "trigger",
        "triggered",
        "turnover",
        "updated_ns",
        "venue_id",
        "version",
    )

    def __init__(self, request: OrderRequest, instrument: Instrument) -> None:
        self.request = request
        self.instrument = instrument
        self.client_id = request.client_id
        self.symbol = request.symbol
        self.side = request.side
        self.quantity = request.quantity
        self.limit = request.limit
        self.stop = request.stop
        self.leaves = request.quantity
        self.filled = 0
        self.turnover = 0
        """Sum of price x quantity of its fills, in units."""
        self.fees_micros = 0
        self.status = self.told = _PENDING_NEW
        """The state it is in, and the one that others were told last."""
        self.reason = ""
        """Why it was denied, rejected, cancelled or expired; a sentence."""
        self.venue_id = ""
        self.triggered = False
        self.trigger: int | None = None
        """Where a trailing stop would trigger now, in price units, where the broker can tell."""
        self.queue_ahead: int | None = None
        """Size before us at our price, where the broker can tell."""
        self.amend_quantity: int | None = None
        self.amend_limit: int | None = None
        self.amend_stop: int | None = None
        self.cancel_wanted = False
        """Whether it was asked to be taken back, and the venue has not refused."""
        self.updated_ns = request.created_ns
        self.sent_bid = self.sent_ask = 0
        """The market as it was sent; 0 where there was none."""
        self.moment = 0
        """When it last changed, in the order of this run's events; 0 before all of them."""
        self.submitted_monotonic_ns = 0
        self.fills: list[Fill] = []
        self.version = 0

    @property
    def is_open(self) -> bool:
        """Whether it may still trade."""
        return self.status.is_open

    @property
    def average_price(self) -> int:
        """The mean price of its fills in price units, rounded down; 0 without fills."""
        return self.turnover // self.filled if self.filled else 0
