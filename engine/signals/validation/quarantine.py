"""What was found in a file, by symbol and rule: the rows to leave out, and why."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from msgspec import Struct

from engine.signals.validation.finding import Finding, Rule, Severity
from engine.signals.validation.rules import RULES

ROWS_KEPT: Final = 10_000
"""Rows named of each rule and symbol; more are only counted."""


class Quarantined(Struct):
    """What one rule found of one symbol."""

    symbol: str
    """Empty for what is of none."""
    rule: Rule
    count: int
    first: list[Finding]
    """In the order of the file, at most `ROWS_KEPT`."""


class Quarantine:
    """Gathers findings; bounded, however many there are."""

    def __init__(self, rows_kept: int = ROWS_KEPT) -> None:
        self._kept = rows_kept
        self._found: dict[tuple[str, str], Quarantined] = {}

    def add(self, symbol: str, findings: Iterable[Finding]) -> None:
        """Take what was found of one symbol."""
        for each in findings:
            key = (symbol, each.rule.name)
            known = self._found.get(key)
            if known is None:
                known = self._found[key] = Quarantined(symbol, each.rule, 0, [])
            known.count += 1
            if len(known.first) < self._kept:
                known.first.append(each)

    @property
    def found(self) -> list[Quarantined]:
        """What was found, by rule and symbol; what fails comes first."""
        places = {rule.name: place for place, rule in enumerate(RULES)}
        return sorted(
            self._found.values(),
            key=lambda each: (each.rule.severity is Severity.WARN, places[each.rule.name], each.symbol),
        )

    def count(self, severity: Severity) -> int:
        """Return how many findings there are of a severity."""
        return sum(each.count for each in self._found.values() if each.rule.severity is severity)
