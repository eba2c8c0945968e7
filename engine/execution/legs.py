"""The orders that an exit plan becomes."""

from __future__ import annotations

from msgspec.structs import replace

from engine.execution.pair import Pair
from engine.ids import exit_id, partner_id
from engine.model.order import ExitPlan, Leg, Order, OrderRequest, OrderStatus, OrderType, TimeInForce
from engine.model.trade import Side

ORIGIN = "leg"
_NEVER_LEFT = frozenset({OrderStatus.DENIED, OrderStatus.CANCELED})
"""The ends of what was not sent; only an order that was sent has the broker's id, or another end."""


def kinds_of(plan: ExitPlan) -> tuple[Leg, ...]:
    """Return which legs a plan has, the stop first: it matters more."""
    stop = plan.stop is not None or plan.trail is not None
    return (*((Leg.STOP,) if stop else ()), *((Leg.TARGET,) if plan.target is not None else ()))


def leg_request(
    bracket: Bracket, leg: Leg, quantity: int, attempt: int, *, number: int, now_ns: int, paired: bool = False
) -> OrderRequest:
    """Return the order of one leg; it lives until it is cancelled, whatever became of the entry.

    Its id follows from the entry's: a broker that has the leg already, when our own record of it is gone, refuses the
    same id a second time; then the leg is asked for, and is ours. A price that a person gave the leg before it is kept.
    """
    request = bracket.entry.request
    plan = bracket.plan(leg)
    kind = OrderType.LIMIT
    if leg is Leg.STOP:
        kind = OrderType.STOP if plan.trail is None else OrderType.TRAILING
    return OrderRequest(
        client_id=exit_id(request.client_id, leg, attempt),
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
        group=f"{request.client_id}-p{attempt}" if paired else request.client_id,
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

    def open_alone(self, leg: Leg) -> list[Order]:
        """Return the legs of a kind that may still trade and have no partner, oldest first."""
        return [
            order
            for order in self.legs.values()
            if order.request.leg is leg and order.is_open and self.partner(order) is None
        ]

    @property
    def has_alone(self) -> bool:
        """Whether a leg without a partner may still trade."""
        return any(self.open_alone(leg) for leg in (Leg.STOP, Leg.TARGET))

    def open_pairs(self) -> list[Pair]:
        """Return the pairs of which one may still trade, oldest first."""
        stops = [order for order in self.legs.values() if order.request.leg is Leg.STOP]
        pairs = [Pair(stop, target) for stop in stops if (target := self.partner(stop)) is not None]
        return [pair for pair in pairs if pair.stop.is_open or pair.target.is_open]

    def partner(self, order: Order) -> Order | None:
        """Return what was sent together with a leg; None for one that went alone."""
        if not order.request.is_paired:
            return None
        other = self.legs.get(partner_id(order.client_id))
        return None if other is None or _never_left(order) or _never_left(other) else other

    def plan(self, leg: Leg) -> ExitPlan:
        """Return what a leg is to be: as planned, or as a person changed the last one."""
        plan, last = self.entry.request.plan or ExitPlan(), self.last_leg(leg)
        if last is None or last.request.type is OrderType.TRAILING:
            return plan
        return replace(plan, stop=last.stop) if leg is Leg.STOP else replace(plan, target=last.limit)

    def last_leg(self, leg: Leg) -> Order | None:
        """Return the newest leg of a kind."""
        return next((order for order in reversed(self.legs.values()) if order.request.leg is leg), None)

    def next_attempt(self, *legs: Leg) -> int:
        """Return the number of the next attempt at a leg, or at several together."""
        orders = [order for order in self.legs.values() if order.request.leg in legs]
        return 1 + max((_attempt(order) for order in orders), default=0)


def _never_left(order: Order) -> bool:
    return not order.venue_id and order.status in _NEVER_LEFT


def _attempt(order: Order) -> int:
    return int(order.client_id.removeprefix(f"{order.request.parent}-")[1:])


def went_wrong(order: Order) -> bool:
    """Return whether a leg ended without having done its work."""
    return not order.is_open and order.status is not OrderStatus.FILLED
