"""How much is wrong, of what, and why."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class Level(IntEnum):
    """From bad to worse; an alarm blocks promotion and a model's orders, quarantine takes the model out."""

    OK = 0
    WATCH = 1
    ALARM = 2
    QUARANTINE = 3


@dataclass(frozen=True, slots=True)
class Finding:
    """A level and the sentences that say why."""

    level: Level = Level.OK
    reasons: tuple[str, ...] = ()

    def joined(self, other: Finding) -> Finding:
        """Return the worse level of both with the reasons of both."""
        return Finding(max(self.level, other.level), (*self.reasons, *other.reasons))


@dataclass(frozen=True, slots=True)
class Verdict:
    """Drift in the data and drift in performance, told apart."""

    data: Finding
    performance: Finding

    @property
    def level(self) -> Level:
        """The worse of both; quarantine when both are an alarm."""
        if min(self.data.level, self.performance.level) >= Level.ALARM:
            return Level.QUARANTINE
        return max(self.data.level, self.performance.level)

    @property
    def reason(self) -> str:
        """All reasons as sentences; empty where nothing is wrong."""
        return " ".join((*self.data.reasons, *self.performance.reasons))
