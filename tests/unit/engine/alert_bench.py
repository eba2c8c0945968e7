"""Alarms fed by hand: numbers, and both times at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.alerts.alarms import Alarms
from engine.alerts.rule import Rule
from engine.alerts.series import Labels, Numbers
from engine.clock import NS_PER_S
from engine.messages.alarm_views import Notice
from engine.messages.events import Severity

DAWN_NS = 1_723_118_400 * NS_PER_S
"""2024-08-08, 12:00 UTC."""


@dataclass(frozen=True, slots=True)
class Number:
    """A sample as the exporter has it."""

    name: str
    labels: Labels
    value: float


@dataclass(slots=True)
class AlertBench:
    """One set of rules, and a clock that moves when a test says so."""

    rules: Mapping[str, Rule]
    alarms: Alarms = field(default_factory=Alarms)
    now_s: float = 0.0
    notices: list[Notice] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.alarms.use(self.rules, "rules of a test")

    @property
    def now_ns(self) -> int:
        """The world's time."""
        return DAWN_NS + int(self.now_s * NS_PER_S)

    def look(self, *numbers: Number, after_s: float = 1.0) -> list[Notice]:
        """Let time pass, and look at these numbers."""
        self.now_s += after_s
        steady_ns = int(self.now_s * NS_PER_S)
        told = self.alarms.look(Numbers(numbers, steady_ns), self.now_ns)
        self.notices += told
        return told

    def told(self, *numbers: Number, after_s: float = 1.0) -> list[tuple[str, str]]:
        """Look, and return the kind and the cause of each notice."""
        return [(each.kind.value, each.alarm.cause) for each in self.look(*numbers, after_s=after_s)]


def load(value: float, host: str = "a", name: str = "load") -> Number:
    """Return a number with one label."""
    return Number(name, (("host", host),), value)


def hot(
    *,
    for_s: float = 0.0,
    clear_for_s: float = 0.0,
    clear_below: float | None = 5.0,
    severity: Severity = Severity.WARNING,
    cause: str = "host {host}",
) -> Rule:
    """Return a rule about load: wrong above 10."""
    return Rule(
        metric="load",
        above=10,
        clear_below=clear_below,
        for_s=for_s,
        clear_for_s=clear_for_s,
        severity=severity,
        cause=cause,
        text="load of {host} is {value}",
    )
