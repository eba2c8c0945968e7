"""A cancel that was asked for comes to its end: the order is gone, or the venue refused."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from tests.simulation.locks_held import survives, written_by_now

if TYPE_CHECKING:
    from tests.simulation.world import World


class CancelsAsked:
    """Remembers every order that was wanted back."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._asked: dict[str, int] = {}
        """The record by which each had been asked for."""

    def look(self) -> None:
        """Note whose cancel was asked for."""
        written = None
        for order in self._world.rooms.working:
            if order.cancel_wanted and order.client_id not in self._asked:
                written = written_by_now(self._world) if written is None else written
                self._asked[order.client_id] = written

    def ended(self) -> None:
        """Forget what the engine that just ended had no time to write down."""
        survived = survives(self._world)
        self._asked = {each: sequence for each, sequence in self._asked.items() if sequence <= survived}

    def unfulfilled(self) -> Iterator[str]:
        """Yield the orders that still work, long after nothing goes wrong any more."""
        for client_id in self._asked:
            order = self._world.venue.orders.get(client_id)
            if order is not None and order.is_open:
                yield f"cancel: {client_id} was to be cancelled, and works"
