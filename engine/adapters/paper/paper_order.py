"""An order as the simulated venue has it."""

from __future__ import annotations

from typing import Final

from engine.model.fill import Fill
from engine.model.order import OrderRequest, OrderStatus, OrderType, TimeInForce

_LIMITED: Final = frozenset({OrderType.LIMIT, OrderType.STOP_LIMIT})
_STOPS: Final = frozenset({OrderType.STOP, OrderType.STOP_LIMIT, OrderType.TRAILING})
_IMMEDIATE: Final = frozenset({TimeInForce.IOC, TimeInForce.FOK})


class PaperOrder:
    """One order at the venue; quantities and prices in the instrument's units."""

    __slots__ = (
        "ahead",
        "arrival",
        "best",
        "client_id",
        "ended",
        "filled",
        "fills",
        "immediate",
        "limit",
        "quantity",
        "reason",
        "reported_ahead",
        "reported_stop",
        "request",
        "resting",
        "side",
        "stop",
        "triggered",
        "updated_ns",
        "venue_id",
    )

    def __init__(self, request: OrderRequest, arrival: int) -> None:
        self.request = request
        self.client_id = request.client_id
        self.side = request.side
        self.quantity = request.quantity
        self.filled = 0
        self.fills: list[Fill] = []
        self.limit = request.limit if request.type in _LIMITED else None
        self.stop = request.stop
        self.immediate = request.tif in _IMMEDIATE
        """Whether it may never rest."""
        self.arrival = arrival
        """Its rank in time; a new one when it loses its place."""
        self.triggered = request.type not in _STOPS
        """Whether it is a market or limit order by now."""
        self.best = 0
        """The best price since a trailing stop was accepted; 0 before the first."""
        self.resting = False
        """Whether it stands in the book."""
        self.ahead: int | None = None
        """Size before it at its price; None while that is not known."""
        self.reported_ahead: int | None = None
        self.reported_stop: int | None = None
        self.venue_id = ""
        self.ended: OrderStatus | None = None
        """How it ended; None while it may trade."""
        self.reason = ""
        self.updated_ns = 0

    @property
    def leaves(self) -> int:
        """What is still open."""
        return self.quantity - self.filled

    @property
    def status(self) -> OrderStatus:
        """Where it is in its life."""
        return self.ended or (OrderStatus.PARTIALLY_FILLED if self.filled else OrderStatus.WORKING)

    @property
    def priority(self) -> tuple[int, int]:
        """Sorts resting orders of one side: best price first, then time."""
        return (-self.side * (self.limit or 0), self.arrival)

    def reached_by(self, price: int) -> bool:
        """Whether a price touches or betters its limit, seen from the other side; a market order's always does."""
        return self.limit is None or self.side * (self.limit - price) >= 0
