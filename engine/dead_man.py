"""Cancels working orders when nobody can see them, or nobody can reach them."""

from __future__ import annotations

from engine.clock import NS_PER_S
from engine.messages.comparison_views import ReconcilePhase
from engine.messages.events import Severity
from engine.rooms import Rooms

_SCREEN = "the screen"


class DeadMan:
    """Watches the screen and the way to the broker; off unless the settings say otherwise.

    Each silence is answered once: with a cancel of everything and an alert. Steady time is what counts.
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
        """Cancel everything if the screen or the broker has been gone for too long."""
        if not self._after_ns:
            return
        now_ns = self._rooms.clock.monotonic_ns()
        self._judge(_SCREEN, self._seen_ns, now_ns)
        if self._rooms.orders.reconciler.view().phase is not ReconcilePhase.CUT:
            self._reached_ns = now_ns
        self._judge("the broker", self._reached_ns, now_ns)

    def _judge(self, who: str, seen_ns: int, now_ns: int) -> None:
        if not seen_ns or now_ns - seen_ns < self._after_ns:
            self._answered.discard(who)
            return
        if who in self._answered or not len(self._rooms.working):
            return
        self._answered.add(who)
        asked = self._rooms.orders.cancel_all(origin="dead-man")
        silent_s = (now_ns - seen_ns) / NS_PER_S
        text = f"{who} has been gone for {silent_s:.0f} s: {asked} cancels were asked (dead-man)"
        self._rooms.orders.alert(Severity.CRITICAL, text)
