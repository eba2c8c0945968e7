"""What could come of a symbol by the venue's own truth, as far as anybody could tell the engine."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.execution.compare import FOREIGN
from engine.model.instrument import Symbol
from engine.model.order import Order, OrderRequest
from tests.simulation.venue_order import VenueOrder

if TYPE_CHECKING:
    from tests.simulation.world import World

_NOTHING: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Live:
    """One order: what of it was traded, signed, and what may still be."""

    request: OrderRequest
    held: int
    leaves: int


class Truth:
    """Reads the venue.

    What the venue does out of turn is left out until the engine was told: a fill after a cancel, a fill taken
    back, what an order from elsewhere trades. Nothing else is: what is lost, unanswered or on its way counts.
    """

    def __init__(self, world: World) -> None:
        self._world = world

    def of(self, symbol: Symbol) -> list[Live]:
        """Return every order of a symbol: at the venue, on its way there, and on its way to the way."""
        return list(self._of(symbol))

    def _of(self, symbol: Symbol) -> Iterator[Live]:
        venue, ours = self._world.venue, self._world.rooms.orders.orders
        for client_id, order in venue.orders.items():
            if order.request.symbol == symbol and (client_id in ours or client_id in venue.received):
                yield self._at_venue(order, ours.get(client_id))
        for client_id, request in venue.coming.items():
            if request.symbol == symbol and client_id not in venue.orders:
                yield Live(request, 0, request.quantity)
        for mine in self._world.rooms.working.of(symbol):
            if mine.client_id not in venue.received and mine.client_id not in venue.orders:
                yield Live(mine.request, 0, mine.leaves)

    def _at_venue(self, theirs: VenueOrder, ours: Order | None) -> Live:
        known = known_fills(ours)
        foreign = ours is not None and ours.request.origin == FOREIGN
        over = foreign and ours is not None and not ours.is_open
        untold = {fill.fill_id for fill in theirs.fills} if foreign else theirs.late
        fills = [fill for fill in theirs.fills if fill.fill_id not in untold or fill.fill_id in known]
        fills += [fill for fill in theirs.busted if fill.fill_id in known]
        filled = sum(fill.quantity for fill in fills)
        leaves = 0
        if theirs.is_open and not over:
            wanted = ours.amend_quantity if ours is not None else None
            changes = self._world.venue.changing.get(theirs.request.client_id, [])
            leaves = max(0, max(theirs.quantity, wanted or 0, *changes, 0) - filled)
        return Live(theirs.request, theirs.request.side * filled, leaves)

    def unheard(self, symbol: Symbol) -> int:
        """Return how much was traded, or taken back, that the engine has not heard of."""
        ours, total = self._world.rooms.orders.orders, 0
        for client_id, order in self._world.venue.orders.items():
            if order.request.symbol == symbol:
                known = known_fills(ours.get(client_id))
                total += sum(fill.quantity for fill in order.fills if fill.fill_id not in known)
                total += sum(fill.quantity for fill in order.busted if fill.fill_id in known)
        return total


def known_fills(order: Order | None) -> frozenset[str]:
    """Return the ids of the fills that the engine has of an order."""
    return frozenset(fill.fill_id for fill in order.fills) if order is not None else _NOTHING


def held(lives: list[Live]) -> int:
    """Return the position, signed."""
    return sum(each.held for each in lives)


def waiting(lives: list[Live], side: int, *, reduce_only: bool = False, without_group: str = "") -> int:
    """Return what may still trade on one side; of a group only one order fills."""
    groups: dict[str, int] = {}
    total = 0
    for each in lives:
        request = each.request
        if request.side != side or (reduce_only and not request.reduce_only):
            continue
        if request.group and request.group == without_group:
            continue
        if request.group:
            groups[request.group] = max(groups.get(request.group, 0), each.leaves)
        else:
            total += each.leaves
    return total + sum(groups.values())


def worst(lives: list[Live], side: int) -> int:
    """Return the position towards a side if all of that side trades and nothing else does."""
    return side * held(lives) + waiting(lives, side)
