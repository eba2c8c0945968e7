"""Says of each position whether a stop stands behind it, and where that stop is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum

from msgspec import Struct

from engine.execution.brackets import Brackets
from engine.ids import partner_id
from engine.model.instrument import Symbol
from engine.model.order import Leg, Order, OrderStatus, OrderType
from engine.model.position import Position
from engine.model.working_orders import WorkingOrders

_STOPS = frozenset({OrderType.STOP, OrderType.STOP_LIMIT, OrderType.TRAILING})
_UNPROVEN = frozenset({OrderStatus.PENDING_NEW, OrderStatus.UNKNOWN})


class Cover(StrEnum):
    """Where the stop of a position is held."""

    FLAT = "flat"
    """There is nothing to protect."""
    VENUE = "venue"
    """At the broker, for all of it: it stands when this program does not."""
    HERE = "here"
    """Some of it only in a plan, or on its way."""
    MISSING = "missing"
    """Some of it has no stop at all."""


class Protected(Struct, frozen=True, gc=False):
    """What protects one position; sizes in size units."""

    state: Cover
    held: int = 0
    """How much is held, unsigned."""
    covered: int = 0
    """How much of it a working stop at the broker covers."""
    planned: int = 0
    """How much more a stop that is not working yet will cover."""


class Protection:
    """Answers from the working orders and the brackets as they are now."""

    def __init__(
        self, working: WorkingOrders, positions: Mapping[Symbol, Position], brackets: Brackets
    ) -> None:
        self._working = working
        self._positions = positions
        self._brackets = brackets

    def of(self, symbol: Symbol) -> Protected:
        """Return what protects the position in a symbol."""
        quantity = self._quantity(symbol)
        if not quantity:
            return Protected(Cover.FLAT)
        held = abs(quantity)
        stops = [
            order for order in self._working.of(symbol) if _closes(order, quantity) and _stays_stop(order)
        ]
        covered = min(held, sum(order.leaves for order in stops if order.status not in _UNPROVEN))
        planned = min(held - covered, self._planned(symbol, stops, quantity))
        state = Cover.MISSING
        if covered == held:
            state = Cover.VENUE
        elif covered + planned == held:
            state = Cover.HERE
        return Protected(state, held, covered, planned)

    def guards(self) -> tuple[Order, ...]:
        """Return the stops that can do nothing but make a position smaller, whichever of them trade.

        The oldest come first, and together they are no more than the position. A target is none of them:
        beside a stop it could turn the position around. But one that the broker holds as one with such a stop is
        among them, since it would take the stop with it.
        """
        rooms = {symbol: abs(position.quantity) for symbol, position in self._positions.items()}
        guards = []
        for order in self._working:
            size, room = _most_of(order), rooms.get(order.symbol, 0)
            closes = _closes(order, self._quantity(order.symbol))
            if closes and _stays_stop(order) and size <= room:
                rooms[order.symbol] -= size
                guards.append(order)
        return (*guards, *self._partners(guards))

    def _partners(self, guards: Iterable[Order]) -> Iterator[Order]:
        """Yield the targets that the broker holds as one with these stops."""
        for stop in guards:
            target = self._working.get(partner_id(stop.client_id)) if stop.request.is_paired else None
            if target is not None:
                yield target

    def orphans(self) -> tuple[Order, ...]:
        """Return the working legs whose position is gone."""
        legs = [order for order in self._working if order.request.parent]
        return tuple(order for order in legs if not _closes(order, self._quantity(order.symbol)))

    def _quantity(self, symbol: Symbol) -> int:
        position = self._positions.get(symbol)
        return 0 if position is None else position.quantity

    def _planned(self, symbol: Symbol, stops: list[Order], quantity: int) -> int:
        on_the_way = sum(order.leaves for order in stops if order.status in _UNPROVEN)
        for bracket in self._brackets.of(symbol):
            plan = bracket.entry.request.plan
            has_stop = plan is not None and (plan.stop is not None or plan.trail is not None)
            follows = int(bracket.entry.side) * quantity > 0
            if has_stop and follows and not bracket.legs and Leg.STOP not in bracket.refused_at:
                on_the_way += bracket.unmet
        return on_the_way


def _stays_stop(order: Order) -> bool:
    """Whether it is a stop that nobody asked to take back: one that is asked to go protects nothing."""
    going = order.cancel_wanted or order.status is OrderStatus.PENDING_CANCEL
    return order.request.type in _STOPS and not going


def _most_of(order: Order) -> int:
    """How much of it may still trade, an amendment on its way included."""
    return max(order.leaves, (order.amend_quantity or 0) - order.filled)


def _closes(order: Order, quantity: int) -> bool:
    return int(order.side) * quantity < 0
