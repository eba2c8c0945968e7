"""The gate, with the times of its last check: in its place only where orders are traced."""

from __future__ import annotations

from collections.abc import Callable

from engine.messages.events import Denial
from engine.model.order import Order, OrderRequest
from engine.ports.gate import Gate


class TimedGate:
    """Asks the gate, and remembers when the last check began and ended."""

    __slots__ = ("_gate", "_now_ns", "began_ns", "ended_ns")

    def __init__(self, gate: Gate, now_ns: Callable[[], int]) -> None:
        """Take the gate, and the world's time."""
        self._gate = gate
        self._now_ns = now_ns
        self.began_ns = self.ended_ns = 0

    def check(self, request: OrderRequest) -> tuple[Denial, ...]:
        """Return the gate's reasons against an order."""
        self.began_ns = self._now_ns()
        denials = self._gate.check(request)
        self.ended_ns = self._now_ns()
        return denials

    def check_amend(
        self, order: Order, quantity: int, limit: int | None, stop: int | None, origin: str = "desk"
    ) -> tuple[Denial, ...]:
        """Return the gate's reasons against new terms."""
        return self._gate.check_amend(order, quantity, limit, stop, origin)

    def note_sent(self, request: OrderRequest) -> None:
        """Let the gate count an order."""
        self._gate.note_sent(request)

    @property
    def stamp(self) -> int:
        """Which state of the halts the gate judges by now."""
        return self._gate.stamp

    def held_back(self, request: OrderRequest, stamp: int) -> str:
        """Return why the gate holds an order back after all."""
        return self._gate.held_back(request, stamp)
