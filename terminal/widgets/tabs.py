"""The tab strip of small terminals: every pane by its number key, the visible ones lit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.events import Click

from terminal.desk import Desk
from terminal.layouts import PANES
from terminal.strips import Ink, Run
from terminal.widgets.messages import PanePicked
from terminal.widgets.pane import LivePane

NAMES = ("Quotes", "Chart", "Depth", "Positions", "Orders", "Ticket", "Risk", "Health", "Tape")
SHORT_NAMES = ("Quotes", "Chart", "Depth", "Pos", "Orders", "Ticket", "Risk", "Health", "Tape")
SHORTEST_NAMES = ("Quot", "Chart", "Depth", "Pos", "Ord", "Tick", "Risk", "Hlth", "Tape")
_MARKS = 5
"""Cells that marks may take."""


class TabStrip(LivePane, can_focus=False):
    """One row; a click goes to a pane as its number does. The order line has it while something is typed."""

    reads: ClassVar[frozenset[str]] = frozenset({"orders", "risk", "health"})

    def __init__(self, desk: Desk, ink: Ink, *, id: str) -> None:  # noqa: A002  # Textual's own name
        super().__init__(desk, ink, id=id)
        self._visible: frozenset[str] = frozenset()
        self._ends: list[int] = []
        self._lent: list[Run] = []

    def lend(self, runs: list[Run]) -> None:
        """Show what the order line has no room for; without any, the tabs again."""
        if runs != self._lent:
            self._lent = runs
            self.redraw()

    def show(self, visible: frozenset[str]) -> None:
        """Light the tabs of the panes that are seen."""
        self._visible = visible
        self.redraw()

    def draw(self) -> None:
        """Put the tabs, with the count of working orders and a mark where something is wrong."""
        runs: list[Run] = []
        self._ends = []
        end = 0
        if self._lent:
            self.put(0, *self._lent, paper="background")
            return
        before = False
        names = self._names()
        gap = " " if self._room(names) > len(PANES) else ""
        for number, (pane, name) in enumerate(zip(PANES, names, strict=True), 1):
            lit = pane in self._visible
            mark = self._mark(pane)
            tab: list[Run] = [
                (gap, "text/selected" if before else "text"),
                (" ", "text/selected" if lit or (before and not gap) else "text"),
                (f"{number}", "accent+b/selected" if lit else "accent"),
                (f" {name}{mark}", "text+b/selected" if lit else "warn" if mark else "muted"),
            ]
            runs += tab
            end += sum(len(text) for text, _ in tab)
            self._ends.append(end)
            before = lit
        self.put(0, *runs, (" ", "text/selected" if before else "text"))

    def _names(self) -> Sequence[str]:
        """Return the longest names that fit, marks or none: no tab moves because an order works."""
        return next((names for names in (NAMES, SHORT_NAMES) if self._room(names) >= 0), SHORTEST_NAMES)

    def _room(self, names: Sequence[str]) -> int:
        """Return how many cells are left beside these names and their marks."""
        return self.size.width - 1 - sum(len(f" 1 {name}") for name in names) - _MARKS

    def on_click(self, event: Click) -> None:
        """Go to the pane whose tab was clicked."""
        for pane, end in zip(PANES, self._ends, strict=False):
            if event.x < end:
                self.post_message(PanePicked(pane))
                return

    def _mark(self, pane: str) -> str:
        if pane == "orders":
            working = len(self.desk.working)
            return f"·{working}" if working else ""
        if pane == "risk" and self.desk.risk is not None and self.desk.risk.breaches:
            return "!"
        return ""
