"""Notices the broker's silence: what was asked and not answered in time is unknown."""

from __future__ import annotations

from collections.abc import Callable

from engine.clock import NS_PER_S, Clock
from engine.model.order import Order, OrderStatus

_S = OrderStatus
_LOOK_NS = NS_PER_S
UNDERWAY = {_S.PENDING_NEW: "order", _S.PENDING_CANCEL: "cancel", _S.PENDING_REPLACE: "amendment"}
"""The states that an answer must end, and what it is an answer to."""


class AnswerWatch:
    """Looks once a second at what is underway, as long as anything is; nothing is kept of what was answered."""

    def __init__(self, clock: Clock, timeout_ns: int, on_silence: Callable[[Order, str], None]) -> None:
        self._clock = clock
        self._timeout_ns = timeout_ns
        self._on_silence = on_silence
        self._since: dict[str, tuple[Order, OrderStatus, int]] = {}
        self._looking = False

    def note(self, order: Order) -> None:
        """Watch an order that waits for an answer, from the moment it began to."""
        known = self._since.get(order.client_id)
        if known is None or known[1] is not order.status:
            self._since[order.client_id] = (order, order.status, self._clock.now_ns())
        if not self._looking:
            self._look_later()

    def anew(self, order: Order) -> None:
        """Watch an order as if it had begun to wait now: what it waits for was asked once more."""
        self._since.pop(order.client_id, None)
        if order.status in UNDERWAY:
            self.note(order)

    def rearm(self) -> None:
        """Begin to look again after the clock dropped its timers."""
        self._looking = False
        if self._since:
            self._look_later()

    def _look_later(self) -> None:
        self._looking = True
        self._clock.call_at(self._clock.now_ns() + _LOOK_NS, self._look)

    def _look(self) -> None:
        late_ns = self._clock.now_ns() - self._timeout_ns
        waiting = self._since
        self._since = {name: each for name, each in waiting.items() if each[0].status is each[1]}
        for order, status, since_ns in list(self._since.values()):
            if since_ns <= late_ns and order.status is status:  # the one before may have ended this one
                del self._since[order.client_id]
                seconds = self._timeout_ns / NS_PER_S
                self._on_silence(order, f"no answer to the {UNDERWAY[status]} in {seconds:g} s")
        self._looking = False
        if self._since:
            self._look_later()
