"""What the venue's words do to an order: no proof makes it unknown, and only proof makes it gone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.clock import NS_PER_S
from engine.messages.reports import LostReport, Report
from engine.model.order import Order, OrderStatus

if TYPE_CHECKING:
    from tests.simulation.world import World

MISSES = 2
VISIBLE_NS = 2 * NS_PER_S
"""How long an order may be on its way to where the venue finds it."""


class Outcomes:
    """Looks at orders just before and just after a word of the venue."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._expected: OrderStatus | None = None

    def delivered(self, report: Report) -> None:
        """The engine is about to hear it."""
        if isinstance(report, LostReport):
            order = self._world.rooms.orders.orders.get(report.client_id)
            self._expected = None
            if order is not None and order.is_open:
                is_proven = report.to_order and (order.venue_id or order.filled)
                self._expected = order.status if is_proven else OrderStatus.UNKNOWN

    def believed(self, report: Report) -> None:
        """The engine heard it."""
        if isinstance(report, LostReport) and self._expected is not None:
            order = self._world.rooms.orders.orders[report.client_id]
            if order.status is not self._expected:
                told = f'{order.client_id} is {order.status} after "{report.reason}"'
                self._found(f"{told}, not {self._expected}")

    def not_found(self, order: Order) -> None:
        """The engine believes that there is no such order."""
        venue, client_id = self._world.venue, order.client_id
        proof_ns = venue.left.get(client_id, -VISIBLE_NS) + VISIBLE_NS
        asked = [each for each in venue.absences.get(client_id, {}).values() if each >= proof_ns]
        if len(asked) < MISSES:
            self._found(f"{client_id} is not found after {len(asked)} answers that prove something")
        if all(client_id in named for named in venue.whole_stocks):
            self._found(f"{client_id} is not found, and no whole stock lacked it")
        if client_id in venue.orders or client_id in venue.coming:
            self._found(f"{client_id} is not found, and the venue has it")

    def _found(self, what: str) -> None:
        self._world.findings.append(f"outcome: {what}")
