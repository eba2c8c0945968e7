"""The health pane: every component's state, number and recent course."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import BindingType

from engine.messages.views import HealthState, HealthView
from terminal.actions import bindings_of
from terminal.strips import Run, fit
from terminal.widgets.list_pane import ListPane
from terminal.widgets.sparkline import sparkline

_MARKS = {
    HealthState.OK: (" ● ", "ok"),
    HealthState.DEGRADED: (" ▴ ", "warn+b"),
    HealthState.DOWN: (" ! ", "on_loud+b/breach"),
    HealthState.OFF: (" ○ ", "faint"),
}
_ROLES = {
    HealthState.OK: "text",
    HealthState.DEGRADED: "warn",
    HealthState.DOWN: "breach+b",
    HealthState.OFF: "faint",
}
_WORST = (HealthState.DOWN, HealthState.DEGRADED)


class Health(ListPane[str]):
    """Lists components by name; what is wrong comes first."""

    reads: ClassVar[frozenset[str]] = frozenset({"health"})
    headed: ClassVar[bool] = False
    BINDINGS: ClassVar[list[BindingType]] = bindings_of("health")

    def keys(self) -> Sequence[str]:
        """Return the components' names."""
        rows = sorted(self.desk.health, key=lambda row: _WORST.index(row.state) if row.state in _WORST else 2)
        self.caption(self._caption_text(rows))
        return [row.name for row in rows]

    def empty(self) -> str:
        """Return what is waited for."""
        return "Waiting for the engine"

    def row(self, key: str, *, selected: bool) -> Sequence[Run]:
        """Return one component's line."""
        mark, *runs = self._row(next(row for row in self.desk.health if row.name == key))
        return [(f"▎{mark[0][1:]}", "accent") if selected else mark, *runs]

    def _row(self, row: HealthView) -> list[Run]:
        width = self.size.width
        spark = max(0, min(24, width - 3 - 14 - 14 - 24))
        detail = max(0, width - 3 - 14 - 14 - 2 - (spark + 1 if spark else 0))
        role = _ROLES[row.state]
        return [
            _MARKS[row.state],
            (fit(row.label, 14), role),
            (fit(row.value, 14, right=True) + "  ", role if row.state is not HealthState.OK else "text+b"),
            (fit(row.detail, detail), "muted" if row.state is HealthState.OK else role),
            (" ", "text"),
            (
                sparkline(row.history, spark),
                "faint" if row.state is HealthState.OFF else role if role != "text" else "bid",
            ),
        ]

    def _caption_text(self, rows: list[HealthView]) -> str:
        bad = [row for row in rows if row.state in _WORST]
        if bad:
            return f"{len(bad)} need{'s' if len(bad) == 1 else ''} attention"
        return (
            "all systems ok" if any(row.state is HealthState.OK for row in rows) else "nothing measured yet"
        )
