"""Every rule over every series: which conditions fire, put together by their cause."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from msgspec import Struct

from engine.alerts.condition import Condition
from engine.alerts.rule import Rule, in_words
from engine.alerts.series import Labels, Numbers, Series
from engine.messages.events import Severity
from engine.model.text import clean

CONDITIONS_MAX: Final = 1_000
"""How many series that are wrong are followed at a time."""
RANK: Final = {Severity.INFO: 0, Severity.WARNING: 1, Severity.CRITICAL: 2}
_BRACES: Final = re.compile(r"\{(\w+)\}")
_TEXT_MAX: Final = 200
_CAUSE_MAX: Final = 64


class Said(Struct, frozen=True):
    """What one cause comes to."""

    severity: Severity
    text: str
    more: int
    """How many more conditions have the same cause."""


@dataclass(slots=True)
class _Watched:
    rule: Rule
    series: Series
    conditions: dict[Labels, Condition] = field(default_factory=dict)
    """Those that are not well."""


class _Fired(NamedTuple):
    rule: Rule
    labels: Labels
    since_ns: int
    value: float


class Conditions:
    """Follows what is wrong, for as long as it is."""

    def __init__(self) -> None:
        self.dropped = 0
        """Conditions that found no room, counted at each look."""
        self._watched: dict[str, _Watched] = {}
        self._count = 0

    def use(self, rules: Mapping[str, Rule]) -> None:
        """Put rules in force; one that stayed the same keeps what it saw."""
        known, self._watched = self._watched, {}
        for name, rule in rules.items():
            if rule.enabled:
                same = known[name] if name in known and known[name].rule == rule else None
                self._watched[name] = same or _Watched(rule, Series(rule))

    @property
    def longest_s(self) -> float:
        """The longest time that a number must be wrong before it is told."""
        return max((each.rule.for_s for each in self._watched.values()), default=0.0)

    def look(self, numbers: Numbers) -> dict[str, Said]:
        """Hold every rule against the numbers; return what fires by its cause.

        The most severe speaks for a cause, of equals the one that began first.
        """
        self._count = sum(len(each.conditions) for each in self._watched.values())
        found: dict[str, list[_Fired]] = {}
        for name, watched in self._watched.items():
            self._follow(watched, numbers)
            for labels, each in watched.conditions.items():
                if each.fires:
                    cause = clean(_filled(watched.rule.cause or name, labels), _CAUSE_MAX)
                    fired = _Fired(watched.rule, labels, each.fired_ns, each.value)
                    found.setdefault(cause, []).append(fired)
        return {cause: _said(fired) for cause, fired in found.items()}

    def _follow(self, watched: _Watched, numbers: Numbers) -> None:
        rule, conditions, now_ns = watched.rule, watched.conditions, numbers.now_ns
        values = watched.series.take(numbers)
        for labels, value in values.items():
            if labels in conditions or (rule.is_wrong(value) and self._has_room()):
                conditions.setdefault(labels, Condition()).take(rule, value, now_ns)
        for labels in conditions.keys() - values.keys():
            conditions[labels].take(rule, None, now_ns)
        watched.conditions = {labels: each for labels, each in conditions.items() if not each.is_well}

    def _has_room(self) -> bool:
        room = self._count < CONDITIONS_MAX
        self._count += room
        self.dropped += not room
        return room


def _said(fired: list[_Fired]) -> Said:
    rule, labels, _, value = min(fired, key=lambda each: (-RANK[each.rule.severity], each.since_ns))
    text = _filled(rule.text or f"{rule.metric} is {{value}}", labels, in_words(value, rule.unit))
    return Said(rule.severity, clean(text, _TEXT_MAX), len(fired) - 1)


def _filled(text: str, labels: Labels, value: str = "") -> str:
    """Return a text with its braces filled in; nothing else in it means anything."""
    known = {**dict(labels), "value": value}
    return _BRACES.sub(lambda found: known.get(found[1], "?"), text)
