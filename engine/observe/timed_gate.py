"""The gate, with the times of its checks: in its place only where orders are traced."""

from __future__ import annotations

from collections import deque

from engine.messages.events import Denial
from engine.model.order import OrderRequest
from engine.observe.tracing import Tracing
from engine.ports.gate import Gate

STEPS_MAX = 40_000
"""How many steps of orders may wait while one more order begins to be followed; twice as many may wait at all."""


class TimedGate:
    """Asks the gate, and notes when each check began and ended, and what the order is a part of."""

    __slots__ = (
        "_check",
        "_gate",
        "_most",
        "_now_ns",
        "_orders",
        "_tracing",
        "check_amend",
        "held_back",
        "note_sent",
        "noted",
    )

    def __init__(self, gate: Gate, tracing: Tracing) -> None:
        """Take the gate, and the world's time."""
        self._gate, self._check = gate, gate.check
        self._tracing, self._now_ns = tracing, tracing.now_ns
        self._orders = tracing.orders
        self._most = STEPS_MAX
        self.check_amend, self.held_back, self.note_sent = gate.check_amend, gate.held_back, gate.note_sent
        self.noted: deque[object] = deque(maxlen=2 * STEPS_MAX)
        """The checks, `(request, began_ns, ended_ns)`, and between them whatever follows orders notes."""

    def check(self, request: OrderRequest) -> tuple[Denial, ...]:
        """Return the gate's reasons against an order; one that begins while too many steps wait is counted and not followed."""
        self._orders.know(request.client_id, request.correlation)
        began_ns = self._now_ns()
        denials = self._check(request)
        if len(self.noted) < self._most:
            self.noted.append((request, began_ns, self._now_ns()))
        else:
            self._tracing.drop()
        return denials

    @property
    def stamp(self) -> int:
        """Which state of the halts the gate judges by now."""
        return self._gate.stamp
