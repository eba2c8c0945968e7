"""What must hold all the while: at every acceptance, every send, every word of the venue, and every moment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.messages.events import OrderChanged, OrderSubmitted
from engine.messages.reports import Report
from engine.model.order import OrderStatus
from tests.simulation.cancels_asked import CancelsAsked
from tests.simulation.flattens import FlattensTaken
from tests.simulation.legs_sent import LegsSent
from tests.simulation.limits_kept import LimitsKept
from tests.simulation.locks_held import LocksHeld
from tests.simulation.outcomes import Outcomes

if TYPE_CHECKING:
    from tests.simulation.world import World


class Invariants:
    """Hears of everything through every engine's life, and adds to the world's findings."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.limits = LimitsKept(world)
        self.locks = LocksHeld(world)
        self.outcomes = Outcomes(world)
        self.legs = LegsSent(world)
        self.cancels = CancelsAsked(world)
        self.flattens = FlattensTaken(world)
        world.venue.on_submit = self.locks.sent
        world.venue.on_amend = self.locks.changed
        world.venue.wire.delivered = self.outcomes.delivered
        world.venue.wire.believed = self._believed

    def began(self) -> None:
        """Listen to a new engine, before it says anything to its broker."""
        bus = self._world.rooms.bus
        bus.subscribe(OrderSubmitted, lambda event: self.limits.accepted(event.request))
        bus.subscribe(OrderSubmitted, lambda event: self.flattens.accepted(event.request))
        bus.subscribe(OrderChanged, self._changed)
        self.legs.listen(bus)
        self.flattens.listen(bus)
        self.locks.began()

    def ended(self) -> None:
        """Note what of the engine that just ended must still be known to the next."""
        self.locks.ended()
        self.cancels.ended()

    def look(self) -> None:
        """Look at what must be so at every moment, or soon."""
        self.cancels.look()
        self.flattens.look()
        self.legs.look()

    def _believed(self, report: Report) -> None:
        self.outcomes.believed(report)
        self.flattens.look()

    def _changed(self, event: OrderChanged) -> None:
        if event.status is OrderStatus.PENDING_REPLACE:
            self.limits.change_accepted(event.order)
        elif event.status is OrderStatus.NOT_FOUND:
            self.outcomes.not_found(event.order)
