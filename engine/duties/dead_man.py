"""Cancels working orders when nobody can see them, or nobody can reach them."""

from __future__ import annotations

from engine.clock import NS_PER_S
from engine.messages.events import Severity
from engine.model.order import Leg, Order, OrderStatus
from engine.rooms import Rooms

_SCREEN = "the screen"


class DeadMan:
    """Watches the screen and the way to the broker; off unless the settings say otherwise.

    Each silence is answered once: what could open or increase a position is cancelled, and an alert says so. The
    stops that guard positions stay, unless the settings say otherwise: nobody is there to place them again. While
    the broker is the one who is gone, the cancels wait and leave first when it is back. Steady time is what counts.
    """

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms
        self._after_ns = round(rooms.settings.safety.dead_man_s * NS_PER_S)
        self._seen_ns = 0
        self._reached_ns = 0
        self._answered: set[str] = set()

    def seen(self) -> None:
        """Note that the screen took a frame."""
        self._seen_ns = self._rooms.clock.monotonic_ns()

    def let_go(self) -> None:
        """Answer at once: the screen is gone, and does not come back."""
        self._answered.discard(_SCREEN)
        self._seen_ns = self._rooms.clock.monotonic_ns() - self._after_ns
        self.look()

    def look(self) -> None:
        """Cancel what could grow if the screen or the broker has been gone for too long."""
        if not self._after_ns:
            return
        now_ns = self._rooms.clock.monotonic_ns()
        if self._rooms.orders.reconciler.connection.is_open or not self._reached_ns:
            self._reached_ns = now_ns
        self._judge(_SCREEN, self._seen_ns, now_ns)
        self._judge("the broker", self._reached_ns, now_ns)

    def _judge(self, who: str, seen_ns: int, now_ns: int) -> None:
        if not seen_ns or now_ns - seen_ns < self._after_ns:
            self._answered.discard(who)
            return
        kept, others = self._sorted()
        if who in self._answered or not others:
            return
        self._answered.add(who)
        asked = self._rooms.orders.cancel_each(others, origin="dead-man")
        silent_s = (now_ns - seen_ns) / NS_PER_S
        text = f"{who} has been gone for {silent_s:.0f} s: {self._in_words(asked, kept)} (dead-man)"
        self._rooms.orders.alert(Severity.CRITICAL, text)

    def _sorted(self) -> tuple[int, list[Order]]:
        """Return how many stops stay, and what is to be cancelled and is not yet."""
        keeps = self._rooms.settings.safety.dead_man_keeps_stops
        guards = self._rooms.orders.protection.guards() if keeps else ()
        kept = {order.client_id for order in guards}
        others = [order for order in self._rooms.working if order.client_id not in kept]
        stops = sum(order.request.leg is not Leg.TARGET for order in guards)
        return stops, [order for order in others if order.status is not OrderStatus.PENDING_CANCEL]

    def _in_words(self, asked: int, kept: int) -> str:
        waiting = not self._rooms.orders.reconciler.connection.is_open
        when = ", which leave first when it is back" if waiting else ""
        stops = f"; stops kept: {kept}" if kept else ""
        return f"cancels asked: {asked}{when}{stops}"
