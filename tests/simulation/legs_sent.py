"""A position that came by a plan has its stop and target, or somebody was told why not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.bus import Bus
from engine.clock import NS_PER_MS, NS_PER_S
from engine.execution.blotter import label
from engine.execution.watch import UNDERWAY
from engine.messages.events import FillBusted, FillCorrected, MoneyEvent, OrderFilled, PositionAdjusted
from engine.model.instrument import Symbol
from engine.model.order import Leg, Order

if TYPE_CHECKING:
    from tests.simulation.world import World

SOON_NS = 2 * NS_PER_S
LOOK_NS = 200 * NS_PER_MS


class LegsSent:
    """Looks only at entries of which nothing was closed but by their own legs."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._spoiled: set[str] = set()
        """Entries that something else closed, or whose fills were taken back."""
        self._since: dict[tuple[str, Leg], int] = {}
        self._looked_ns = 0

    def listen(self, bus: Bus) -> None:
        """Follow an engine's fills."""
        self._since.clear()
        bus.subscribe(OrderFilled, lambda event: self._moved(event.fill.symbol))
        bus.subscribe(FillBusted, self._disturbed)
        bus.subscribe(FillCorrected, self._disturbed)
        bus.subscribe(PositionAdjusted, self._disturbed)

    def _disturbed(self, event: MoneyEvent) -> None:
        self._spoiled.update(each.client_id for each in self._entries(event.fill.symbol))

    def _moved(self, symbol: Symbol) -> None:
        position = self._world.rooms.ledger.positions.get(symbol)
        held = position.quantity if position is not None else 0
        for side in (1, -1):
            entries = [each for each in self._entries(symbol) if each.side == side]
            if sum(map(self._unmet, entries)) > max(0, side * held):
                self._spoiled.update(each.client_id for each in entries)

    def _entries(self, symbol: Symbol) -> list[Order]:
        orders = self._world.rooms.orders.orders.values()
        return [each for each in orders if each.symbol == symbol and each.request.plan and each.filled]

    def _unmet(self, entry: Order) -> int:
        return max(0, entry.filled - sum(leg.filled for leg in self._legs(entry)))

    def _legs(self, entry: Order) -> list[Order]:
        orders = self._world.rooms.orders.orders.values()
        return [each for each in orders if each.request.parent == entry.client_id]

    def look(self) -> None:
        """Look whether a leg is overdue."""
        now_ns = self._world.timeline.now_ns
        if now_ns < self._looked_ns + LOOK_NS:
            return
        self._looked_ns = now_ns
        bare = set(self._bare()) if self._can_send() else set()
        self._since = {each: self._since.get(each, now_ns) for each in bare}
        for (client_id, leg), since_ns in self._since.items():
            if now_ns - since_ns > SOON_NS:
                self._spoiled.add(client_id)
                self._world.findings.append(
                    f"legs: {client_id} has filled, has no {leg}, and nobody was told"
                )

    def _can_send(self) -> bool:
        rooms = self._world.rooms
        return (
            rooms.orders.reconciler.settled
            and not rooms.journal.refusal
            and not rooms.orders.scribe.unwritten
        )

    def _bare(self) -> list[tuple[str, Leg]]:
        found = []
        for entry in self._world.rooms.orders.orders.values():
            if not entry.request.plan or not entry.filled or entry.client_id in self._spoiled:
                continue
            if not self._unmet(entry) or self._told(entry):
                continue
            if any(leg.request.is_paired and leg.status in UNDERWAY for leg in self._legs(entry)):
                continue  # nothing can be sent before that is answered
            kinds = {leg.request.leg for leg in self._legs(entry) if leg.is_open}
            found += [(entry.client_id, leg) for leg in (Leg.STOP, Leg.TARGET) if leg not in kinds]
        return found

    def _told(self, entry: Order) -> bool:
        name = label(entry)
        return any(name in text and "without" in text for text in self._world.alerts)
