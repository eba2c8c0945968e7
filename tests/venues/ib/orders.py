"""Orders as a client writes them, and as they stand here."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from tests.venues.ib.stock import Contract
from tests.venues.ib.wire import CONTRACT
from tests.venues.price_time import ZERO, Resting

UNSET = {"", "1.7976931348623157e+308", "1.7976931348623157E308"}
TYPES = {"MKT", "LMT", "STP", "STP LMT", "TRAIL"}
STOPS = {"STP", "STP LMT", "TRAIL"}
LIMITS = {"LMT", "STP LMT"}
TIMES = {"", "DAY", "GTC", "IOC", "FOK"}
ENDS = {"Filled", "Cancelled", "Inactive"}
_PLACED = 14 + 2
"""Where the order begins in a message that places one: after its number, the contract and another name of it."""


@dataclass(eq=False)
class Order:
    """One order."""

    order_id: int
    client_id: int
    perm_id: int
    contract: Contract
    account: str
    ref: str
    side: str
    quantity: Decimal
    type: str
    limit: Decimal | None
    aux: Decimal | None
    """Where a stop is, or how far a trailing one stays away."""
    tif: str
    trail_stop: Decimal | None
    filled: Decimal = ZERO
    paid: Decimal = ZERO
    last_price: Decimal = ZERO
    status: str = "PreSubmitted"
    triggered: bool = False
    entry: Resting | None = None
    ended_s: float = 0.0
    why_ended: str = ""
    told: list[str] = field(default_factory=list)

    @property
    def ended(self) -> bool:
        """Whether it trades no more."""
        return self.status in ENDS

    @property
    def leaves(self) -> Decimal:
        """What is left of it."""
        return self.quantity - self.filled

    @property
    def sign(self) -> int:
        """1 for a buyer."""
        return 1 if self.side == "buy" else -1

    @property
    def working_limit(self) -> Decimal | None:
        """At which price it may trade, None for any."""
        return self.limit if self.type in LIMITS else None

    @property
    def waits(self) -> bool:
        """Whether it waits for a price."""
        return self.type in STOPS and not self.triggered

    @property
    def average(self) -> Decimal:
        """The mean price of its fills."""
        return self.paid / self.filled if self.filled else ZERO


def contract_of(fields: list[str], at: int) -> dict[str, str]:
    """Return a contract of a request."""
    return dict(zip(CONTRACT, fields[at : at + len(CONTRACT)], strict=True))


def number(text: str) -> Decimal | None:
    """Return a number, None for none."""
    if text in UNSET:
        return None
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


@dataclass(frozen=True)
class Placed:
    """What a client asks for when it places an order or changes one."""

    order_id: int
    asked: dict[str, str]
    side: str
    quantity: Decimal
    type: str
    limit: Decimal | None
    aux: Decimal | None
    tif: str
    account: str
    ref: str
    transmit: bool
    trail_stop: Decimal | None
    what_if: bool = False

    @classmethod
    def read(cls, fields: list[str]) -> Placed:
        """Read a message that places an order."""
        at = _PLACED
        action, quantity, kind, limit, aux, tif, _, account, _, _, ref, transmit = fields[at : at + 12]
        return cls(
            order_id=int(fields[1]),
            asked=contract_of(fields, 2),
            side="buy" if action == "BUY" else "sell",
            quantity=number(quantity) or ZERO,
            type=kind,
            limit=number(limit),
            aux=number(aux),
            tif=tif or "DAY",
            account=account,
            ref=ref,
            transmit=transmit == "1",
            trail_stop=number(fields[69]),
        )

    def order(self, client_id: int, perm_id: int, contract: Contract, account: str) -> Order:
        """Return the order that it makes."""
        return Order(
            order_id=self.order_id,
            client_id=client_id,
            perm_id=perm_id,
            contract=contract,
            account=account,
            ref=self.ref,
            side=self.side,
            quantity=self.quantity,
            type=self.type,
            limit=self.limit,
            aux=self.aux,
            tif=self.tif,
            trail_stop=self.trail_stop,
            status="Submitted",
        )

    def objection(self) -> str:
        """Say why it can't be taken; empty where it can."""
        at_once = self.tif in {"IOC", "FOK"}
        wrong = (
            (self.type not in TYPES, f"Invalid order type: {self.type}"),
            (self.quantity <= 0, "Order size must be greater than zero"),
            (self.tif not in TIMES, f"Invalid time in force: {self.tif}"),
            (self.type in LIMITS and self.limit is None, "A limit price must be specified"),
            (self.type in STOPS and (self.aux or 0) <= 0, "A stop price must be specified"),
            (self.type in STOPS and at_once, "The time-in-force is invalid for this order type"),
        )
        return next((reason for is_so, reason in wrong if is_so), "")
