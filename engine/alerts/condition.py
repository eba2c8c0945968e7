"""One rule over one series of numbers: well, wrong for a while, told, well for a while, over."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from engine.alerts.rule import Rule
from engine.clock import NS_PER_S

MISSING_NS: Final = 30 * NS_PER_S
"""How long what is told stays so while its number is not there any more."""


class Phase(StrEnum):
    """Where a condition is."""

    OK = "ok"
    PENDING = "pending"
    """Wrong, but not for long enough."""
    FIRING = "firing"
    CLEARING = "clearing"
    """Right again, but not for long enough: still told."""


FIRES: Final = frozenset({Phase.FIRING, Phase.CLEARING})


@dataclass(slots=True)
class Condition:
    """Takes one value a look; all times are steady, in ns."""

    phase: Phase = Phase.OK
    since_ns: int = 0
    """When it came into its phase."""
    seen_ns: int = 0
    """When its number was there last."""
    value: float = 0.0
    """The value that it began to fire with."""
    fired_ns: int = 0
    """When it began to fire."""

    @property
    def fires(self) -> bool:
        """Whether it is told."""
        return self.phase in FIRES

    @property
    def is_well(self) -> bool:
        """Whether there is nothing to follow."""
        return self.phase is Phase.OK

    def take(self, rule: Rule, value: float | None, now_ns: int) -> None:
        """Go where the value leads; None where there is none now."""
        if value is None:
            self._miss(now_ns)
            return
        self.seen_ns = now_ns
        if self.fires:
            self._look_whether_over(rule, value, now_ns)
        elif not rule.is_wrong(value):
            self._go(Phase.OK, now_ns)
        else:
            self._look_whether_told(rule, value, now_ns)

    def _look_whether_told(self, rule: Rule, value: float, now_ns: int) -> None:
        if self.phase is Phase.OK:
            self._go(Phase.PENDING, now_ns)
        if now_ns - self.since_ns >= rule.for_s * NS_PER_S:
            self.value, self.fired_ns = value, now_ns
            self._go(Phase.FIRING, now_ns)

    def _look_whether_over(self, rule: Rule, value: float, now_ns: int) -> None:
        if self.phase is Phase.FIRING and rule.is_right(value):
            self._go(Phase.CLEARING, now_ns)
        elif self.phase is Phase.CLEARING and not rule.is_right(value):
            self._go(Phase.FIRING, now_ns)
        if self.phase is Phase.CLEARING and now_ns - self.since_ns >= rule.clear_for_s * NS_PER_S:
            self._go(Phase.OK, now_ns)

    def _miss(self, now_ns: int) -> None:
        if self.phase is Phase.PENDING or (self.fires and now_ns - self.seen_ns >= MISSING_NS):
            self._go(Phase.OK, now_ns)

    def _go(self, phase: Phase, now_ns: int) -> None:
        if phase is not self.phase:
            self.phase, self.since_ns = phase, now_ns
