"""A flatten closes once, only what is left, after all else is gone; and is over when nothing is held, or somebody was told."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from engine.bus import Bus
from engine.messages.events import AlertRaised
from engine.model.instrument import Symbol
from engine.model.order import OrderRequest
from tests.simulation.truth import Live, Truth, held

if TYPE_CHECKING:
    from tests.simulation.world import World

_ENDED = re.compile(r"flatten (\S+) ended: ")


class FlattensTaken:
    """Follows every flatten from the outside, by the venue's truth."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._truth = Truth(world)
        self._underway: set[Symbol] = set()
        self.done: set[Symbol] = set()
        """Those whose flatten ended because nothing was held any more, since somebody asked last."""
        self.given_up: set[Symbol] = set()
        """Those whose flatten ended with a reason that was told."""

    def listen(self, bus: Bus) -> None:
        """Hear what an engine says of its flattens; those of the one before are gone."""
        self._underway.clear()
        bus.subscribe(AlertRaised, self._told)

    def asked(self, symbol: Symbol | None) -> None:
        """Somebody asks now, for one symbol or for all."""
        if symbol is None:
            self.done.clear()
            self.given_up.clear()
        else:
            self.done.discard(symbol)
            self.given_up.discard(symbol)
        self.look()

    def look(self) -> None:
        """Look which are over; called after each word of the venue and after each tick."""
        now = set(self._world.rooms.orders.flattening)
        for symbol in self._underway - now - self.given_up:
            self.done.add(symbol)
            self._is_flat(symbol)
        self.given_up -= now
        self._underway = now

    def accepted(self, request: OrderRequest) -> None:
        """An order was accepted; where it closes for a flatten, nothing of its symbol from before may still trade."""
        if request.origin != "exit" or request.symbol not in self._world.rooms.orders.flattening:
            return
        for each in self._truth.of(request.symbol):
            if each.leaves and each.request.client_id != request.client_id and self._is_known(each):
                self._found(
                    f"{request.client_id} closes {request.symbol} while {each.request.client_id} may trade"
                )

    def _is_known(self, each: Live) -> bool:
        """Whether the engine could know that it may trade: of an order from elsewhere it may have heard a fill alone."""
        client_id, world = each.request.client_id, self._world
        return client_id in world.venue.received or world.rooms.working.get(client_id) is not None

    def _told(self, event: AlertRaised) -> None:
        told = _ENDED.match(event.text)
        if told is not None:
            self.given_up.add(Symbol(told[1]))

    def _is_flat(self, symbol: Symbol) -> None:
        left = held(self._truth.of(symbol))
        if abs(left) > self._truth.unheard(symbol):
            self._found(f"{symbol} is over, nobody was told why, and {left} are held")

    def _found(self, what: str) -> None:
        self._world.findings.append(f"flatten: {what}")
