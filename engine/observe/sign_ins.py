"""How signing in goes, as numbers; counted by who watches the operators, asked once a second."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Final

ORIGINS: Final = ("terminal", "gateway")
OTHER: Final = "other"
"""What every other place counts as: a label must not be what somebody chose."""


@dataclass(slots=True)
class SignIns:
    """Counts since the start."""

    failures: Counter[str] = field(default_factory=lambda: Counter(dict.fromkeys((*ORIGINS, OTHER), 0)))
    """Tries that failed, by the kind of place that they came from."""
    locked: int = 0
    """Accounts that have to wait now."""

    def fail(self, origin: str) -> None:
        """Count a try from somewhere, whose first word is the kind of place."""
        kind = origin.partition(" ")[0]
        self.failures[kind if kind in ORIGINS else OTHER] += 1
