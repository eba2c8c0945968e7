"""The gate, with the times of its last check: in its place only where orders are traced."""

from __future__ import annotations

from collections.abc import Callable

from engine.messages.events import Denial
from engine.model.order import OrderRequest
from engine.ports.gate import Gate


class TimedGate:
    """Asks the gate, and remembers when the last check began and ended."""

    __slots__ = (
        "_check",
        "_gate",
        "_now_ns",
        "began_ns",
        "check_amend",
        "ended_ns",
        "held_back",
        "note_sent",
    )

    def __init__(self, gate: Gate, now_ns: Callable[[], int]) -> None:
        """Take the gate, and the world's time."""
        self._gate, self._check = gate, gate.check
        self._now_ns = now_ns
        self.check_amend, self.held_back, self.note_sent = gate.check_amend, gate.held_back, gate.note_sent
        self.began_ns = self.ended_ns = 0

    def check(self, request: OrderRequest) -> tuple[Denial, ...]:
        """Return the gate's reasons against an order."""
        self.began_ns = self._now_ns()
        denials = self._check(request)
        self.ended_ns = self._now_ns()
        return denials

    @property
    def stamp(self) -> int:
        """Which state of the halts the gate judges by now."""
        return self._gate.stamp
