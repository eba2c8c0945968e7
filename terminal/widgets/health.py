"""The health pane: every component's state, number and recent course."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import BindingType

from engine.messages.health_views import HealthState, HealthView
from terminal.actions.table import bindings_of
from terminal.strips import Run, fit
from terminal.widgets.health_rows import MARKS, ROLES, ordered, spark_role, summary
from terminal.widgets.list_pane import ListPane
from terminal.widgets.messages import ComponentOpened
from terminal.widgets.sparkline import sparkline

_DETAIL = 22
"""Cells of the words before there is a sparkline."""
_SPARK_MIN, _SPARK_MAX = 7, 24
"""A sparkline has so many cells before the words get more; of what is left, it has a third."""


class Health(ListPane[str]):
    """Lists components by name; what is wrong comes first."""

    reads: ClassVar[frozenset[str]] = frozenset({"health"})
    headed: ClassVar[bool] = False
    BINDINGS: ClassVar[list[BindingType]] = bindings_of("health")

    def keys(self) -> Sequence[str]:
        """Return the components' names."""
        rows = ordered(self.desk.health)
        self.caption(summary(rows))
        return [row.name for row in rows]

    def empty(self) -> str:
        """Return what is waited for."""
        return "Waiting for the engine"

    def open_row(self) -> None:
        """Tell that the component's page is wanted."""
        if self.cursor is not None:
            self.post_message(ComponentOpened(self.cursor))

    def row(self, key: str, *, selected: bool) -> Sequence[Run]:
        """Return one component's line."""
        mark, *runs = self._row(next(row for row in self.desk.health if row.name == key))
        return [(f"▎{mark[0][1:]}", "accent") if selected else mark, *runs]

    def _row(self, row: HealthView) -> list[Run]:
        left = self.size.width - 3 - 14 - 14 - 2
        spark = max(0, min(left - _DETAIL, _SPARK_MIN + max(0, left - _DETAIL - _SPARK_MIN) // 3, _SPARK_MAX))
        detail = max(0, left - (spark + 1 if spark else 0))
        role = ROLES[row.state]
        return [
            MARKS[row.state],
            (fit(row.label, 14), role),
            (fit(row.value, 14, right=True) + "  ", role if row.state is not HealthState.OK else "text+b"),
            (fit(row.detail, detail), "muted" if row.state is HealthState.OK else role),
            (" ", "text"),
            (sparkline(row.history, spark), spark_role(row.state)),
        ]
