"""The foot of the health page: the component under the cursor in whole sentences, and what can be done about it."""

from __future__ import annotations

from typing import ClassVar

from engine.messages.health_views import HealthView
from terminal.desk import Desk
from terminal.folding import folded
from terminal.format import time_of_day
from terminal.health.remedy_keys import KEYS
from terminal.strips import Ink, Run
from terminal.widgets.health_rows import ROLES
from terminal.widgets.pane import LivePane

ROWS = 6
_DETAIL_ROWS = 2
_SAID_ROWS = 3
"""For what it says now and its last trouble together."""
_TROUBLE = " last trouble  "


class HealthFoot(LivePane):
    """Says more of one component than a row has room for."""

    can_focus = False
    reads: ClassVar[frozenset[str]] = frozenset({"health"})

    def __init__(self, desk: Desk, ink: Ink, *, id: str) -> None:  # noqa: A002  # Textual's own name
        super().__init__(desk, ink, id=id)
        self._row: HealthView | None = None
        self._said: Run = ("", "muted")

    def show(self, row: HealthView | None) -> None:
        """Tell of another component, or of how it is now."""
        self._row = row
        self.redraw()

    def say(self, text: str, role: str = "muted") -> None:
        """Say what a key did, or why it did nothing."""
        self._said = (text, role)
        self.redraw()

    def draw(self) -> None:
        """Put a rule, the component, its trouble, its remedies, and what was said."""
        width = self.size.width
        self.put(0, ("─" * width, "line"))
        row, y = self._row, 1
        if row is not None:
            for runs in self._about(row, width):
                self.put(y, *runs)
                y += 1
        while y < ROWS - 1:
            self.put(y)
            y += 1
        self.put(ROWS - 1, (" ", "text"), self._said)
        self.clear_from(ROWS)

    def _about(self, row: HealthView, width: int) -> list[list[Run]]:
        now = " · ".join(part for part in (row.value, row.detail) if part)
        pieces = folded(f" {row.label}  {now}", width)[:_DETAIL_ROWS]
        lines: list[list[Run]] = [[(piece, ROLES[row.state])] for piece in pieces]
        trouble = "none since the start"
        if row.trouble:
            trouble = f"{time_of_day(row.trouble_ns, self.desk.zone)}  {row.trouble}"
        folds = folded(f"{_TROUBLE}{trouble}", width)[: _SAID_ROWS - len(pieces)]
        lines.append([(_TROUBLE, "faint"), (folds[0][len(_TROUBLE) :], "muted")])
        lines += [[(fold, "muted")] for fold in folds[1:]]
        keys: list[Run] = [(" ", "text")]
        for remedy in row.remedies:
            keys += [(KEYS[remedy].key, "accent+b"), (f" {KEYS[remedy].label}  ", "muted")]
        lines.append(
            keys if row.remedies else [(" it has no remedy of its own; ⏎ shows its runbook", "faint")]
        )
        return lines
