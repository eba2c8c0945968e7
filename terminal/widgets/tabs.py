"""The tab strip of small terminals: every pane by its number key, the visible ones lit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from textual.events import Click

from terminal.desk import Desk
from terminal.layouts import PANES, number_of, offered
from terminal.strips import Ink, Run
from terminal.widgets.messages import PanePicked
from terminal.widgets.pane import LivePane

_NAMES = (
    ("Quotes", "Chart", "Depth", "Positions", "Orders", "Ticket", "Risk", "Health", "Tape", "Signals"),
    ("Quotes", "Chart", "Depth", "Pos", "Orders", "Ticket", "Risk", "Health", "Tape", "Signals"),
    ("Quotes", "Chart", "Depth", "Pos", "Orders", "Tick", "Risk", "Hlth", "Tape", "Sig"),
    ("Quot", "Chart", "Depth", "Pos", "Ord", "Tick", "Risk", "Hlth", "Tape", "Sig"),
)
"""Of the panes, the longest first."""
_MARKS = 5
"""Cells that marks may take."""


class TabStrip(LivePane, can_focus=False):
    """One row; a click goes to a pane as its number does. The order line has it while something is typed."""

    reads: ClassVar[frozenset[str]] = frozenset({"orders", "risk", "health", "signals"})

    def __init__(self, desk: Desk, ink: Ink, *, id: str) -> None:  # noqa: A002  # Textual's own name
        super().__init__(desk, ink, id=id)
        self._visible: frozenset[str] = frozenset()
        self._ends: list[tuple[str, int]] = []
        """The tabs that are shown, and where each ends."""
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
        gap = " " if self._room(names) > len(names) else ""
        for pane, name in names.items():
            lit = pane in self._visible
            mark = self._mark(pane)
            tab: list[Run] = [
                (gap, "text/selected" if before else "text"),
                (" ", "text/selected" if lit or (before and not gap) else "text"),
                (f"{number_of(pane)}", "accent+b/selected" if lit else "accent"),
                (f" {name}{mark}", "text+b/selected" if lit else "warn" if mark else "muted"),
            ]
            runs += tab
            end += sum(len(text) for text, _ in tab)
            self._ends.append((pane, end))
            before = lit
        self.put(0, *runs, (" ", "text/selected" if before else "text"))

    def _names(self) -> dict[str, str]:
        """Return the longest names that fit, marks or none: no tab moves because an order works."""
        panes = offered(self._visible, predicts=self.desk.predicts)
        named = [
            {pane: name for pane, name in zip(PANES, names, strict=True) if pane in panes} for names in _NAMES
        ]
        return next((names for names in named if self._room(names) >= 0), named[-1])

    def _room(self, names: Mapping[str, str]) -> int:
        """Return how many cells are left beside these names and their marks."""
        return self.size.width - 1 - sum(len(f" 1 {name}") for name in names.values()) - _MARKS

    def on_click(self, event: Click) -> None:
        """Go to the pane whose tab was clicked."""
        for pane, end in self._ends:
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
