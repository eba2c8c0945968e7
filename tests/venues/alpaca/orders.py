"""One order as the venue has it."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from tests.venues.alpaca.assets import Asset
from tests.venues.alpaca.texts import stamp, text
from tests.venues.price_time import ZERO, Resting

ENDED = frozenset({"filled", "canceled", "expired", "rejected", "replaced"})
STOPS = frozenset({"stop", "stop_limit", "trailing_stop"})
REPLACEABLE = frozenset({"new", "partially_filled", "held"})


@dataclass(eq=False)
class Order:
    """An order; those of a bracket know each other."""

    id: str
    client_order_id: str
    asset: Asset
    side: str
    type: str
    time_in_force: str
    quantity: Decimal | None
    notional: Decimal | None = None
    limit: Decimal | None = None
    stop: Decimal | None = None
    trail_price: Decimal | None = None
    trail_percent: Decimal | None = None
    extended_hours: bool = False
    order_class: str = ""
    position_intent: str | None = None

    status: str = "pending_new"
    filled: Decimal = ZERO
    paid: Decimal = ZERO
    triggered: bool = False
    hwm: Decimal | None = None
    size: Decimal = ZERO
    """How much it is for: its quantity, or what its notional comes to."""
    collar: Decimal | None = None
    """What a stop to buy pays at most."""
    times: dict[str, int] = field(default_factory=dict)
    replaces: str | None = None
    replaced_by: str | None = None
    parent: Order | None = None
    legs: list[Order] = field(default_factory=list)
    entry: Resting | None = None
    """Where it waits in the book."""

    @property
    def leaves(self) -> Decimal:
        """What is left of it."""
        return self.size - self.filled

    @property
    def ended(self) -> bool:
        """Whether nothing more happens to it."""
        return self.status in ENDED

    @property
    def sign(self) -> int:
        """1 for buying, -1 for selling."""
        return 1 if self.side == "buy" else -1

    @property
    def waits_for_price(self) -> bool:
        """Whether it is a stop that was not reached yet."""
        return self.type in STOPS and not self.triggered

    @property
    def working_limit(self) -> Decimal | None:
        """The worst price that it takes."""
        return self.collar if self.limit is None else self.limit

    @property
    def family(self) -> list[Order]:
        """It and all that it belongs with, the parent first."""
        head = self.parent or self
        return [head, *head.legs]

    @property
    def exits(self) -> list[Order]:
        """The orders of its family of which only one may be filled."""
        head = self.parent or self
        return self.family if head.order_class == "oco" else head.legs

    def json(self, *, nested: bool = True) -> dict[str, Any]:
        """Return it as the API has it."""
        times = {f"{name}_at": stamp(self.times.get(name)) for name in _TIMES}
        return {
            "id": self.id,
            "client_order_id": self.client_order_id,
            **times,
            "replaced_by": self.replaced_by,
            "replaces": self.replaces,
            "asset_id": self.asset.id,
            "symbol": self.asset.symbol,
            "asset_class": self.asset.kind,
            "notional": text(self.notional),
            "qty": text(self.quantity),
            "filled_qty": text(self.filled),
            "filled_avg_price": self._average(),
            "order_class": self.order_class,
            "order_type": self.type,
            "type": self.type,
            "side": self.side,
            "position_intent": self.position_intent,
            "time_in_force": self.time_in_force,
            "limit_price": text(self.limit),
            "stop_price": text(self.stop),
            "status": self.status,
            "extended_hours": self.extended_hours,
            "legs": [leg.json() for leg in self.legs] if nested and self.legs else None,
            "trail_percent": text(self.trail_percent),
            "trail_price": text(self.trail_price),
            "hwm": text(self.hwm),
            "subtag": None,
            "source": None,
        }

    def _average(self) -> str | None:
        if not self.filled:
            return None
        return text((self.paid / self.filled).quantize(Decimal("0.000000001")))


_TIMES = (
    "created",
    "updated",
    "submitted",
    "filled",
    "expired",
    "expires",
    "canceled",
    "failed",
    "replaced",
)
