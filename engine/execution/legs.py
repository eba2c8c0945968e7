"""The orders that an exit plan becomes."""

from __future__ import annotations

from engine.model.order import ExitPlan, Leg, Order, OrderRequest, OrderStatus, OrderType, TimeInForce
from engine.model.trade import Side

ORIGIN = "leg"


def kinds_of(plan: ExitPlan) -> tuple[Leg, ...]:
    """Return which legs a plan has, the stop first: it matters more."""
    stop = plan.stop is not None or plan.trail is not None
    return (*((Leg.STOP,) if stop else ()), *((Leg.TARGET,) if plan.target is not None else ()))


def leg_id(entry: Order, leg: Leg, attempt: int) -> str:
    """Return the client id of an attempt at a leg: it follows from the entry's.

    A broker that has the leg already, when our own record of it is gone, refuses the same id a second time; then
    the leg is asked for, and is ours.
    """
    return f"{entry.client_id}-{leg[0]}{attempt}"


def leg_request(
    entry: Order, leg: Leg, quantity: int, *, client_id: str, number: int, now_ns: int
) -> OrderRequest:
    """Return the order of one leg; it lives until it is cancelled, whatever became of the entry."""
    request = entry.request
    plan = request.plan or ExitPlan()
    kind = OrderType.LIMIT
    if leg is Leg.STOP:
        kind = OrderType.STOP if plan.trail is None else OrderType.TRAILING
    return OrderRequest(
        client_id=client_id,
        number=number,
        account=request.account,
        symbol=request.symbol,
        side=Side.SELL if request.side is Side.BUY else Side.BUY,
        quantity=quantity,
        type=kind,
        limit=plan.target if kind is OrderType.LIMIT else None,
        stop=plan.stop if kind is OrderType.STOP else None,
        trail=plan.trail if kind is OrderType.TRAILING else None,
        tif=TimeInForce.GTC,
        reduce_only=True,
        origin=ORIGIN,
        strategy=request.strategy,
        parent=request.client_id,
        leg=leg,
        group=request.client_id,
        created_ns=now_ns,
        correlation=request.correlation,
    )


class Bracket:
    """An entry and every leg that was ever sent for it."""

    __slots__ = ("closed_otherwise", "entry", "legs", "need", "over", "refused_at")

    def __init__(self, entry: Order) -> None:
        self.entry = entry
        self.legs: dict[str, Order] = {}
        self.need = 0
        """How much of the entry is held now, and so to be protected; in size units."""
        self.closed_otherwise = 0
        """How much of it other orders closed: no later position is this entry's to protect."""
        self.over = 0
        """How much more than the entry its legs filled, as far as a person was told."""
        self.refused_at: dict[Leg, int] = {}
        """What the entry had filled when a leg was last refused, or taken away."""

    @property
    def overfilled(self) -> int:
        """What the legs filled beyond the entry; negative while they filled less."""
        return sum(leg.filled for leg in self.legs.values()) - self.entry.filled

    @property
    def unmet(self) -> int:
        """What the entry filled and nothing has closed."""
        return max(0, -self.overfilled - self.closed_otherwise)

    def settle_for(self, need: int) -> None:
        """Let it protect no more than this: the rest of it was closed by others."""
        self.closed_otherwise += self.unmet - need
        self.need = need

    @property
    def was_over(self) -> bool:
        """Whether it had come to its end when it was found: all its legs had."""
        legs_open = any(leg.is_open for leg in self.legs.values())
        return bool(self.legs) and not self.entry.is_open and not legs_open

    @property
    def is_done(self) -> bool:
        """Whether nothing can come of it any more, busts apart."""
        legs_open = any(leg.is_open for leg in self.legs.values())
        return not self.entry.is_open and not legs_open and not self.unmet

    def open_legs(self, leg: Leg) -> list[Order]:
        """Return the legs of a kind that may still trade, oldest first."""
        return [order for order in self.legs.values() if order.request.leg is leg and order.is_open]

    def last_leg(self, leg: Leg) -> Order | None:
        """Return the newest leg of a kind."""
        return next((order for order in reversed(self.legs.values()) if order.request.leg is leg), None)

    def attempts(self, leg: Leg) -> int:
        """Return how many legs of a kind there were, refused ones too."""
        return sum(order.request.leg is leg for order in self.legs.values())


def went_wrong(order: Order) -> bool:
    """Return whether a leg ended without having done its work."""
    return not order.is_open and order.status is not OrderStatus.FILLED
