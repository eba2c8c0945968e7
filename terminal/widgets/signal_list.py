"""The rows of the signals page: what each version says of each symbol."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from terminal.strips import Run, fit
from terminal.widgets.list_pane import ListPane
from terminal.widgets.messages import SignalOpened, SignalPicked
from terminal.widgets.signal_words import (
    VERSION_CELLS,
    RowKey,
    direction,
    drift,
    edge,
    model_of,
    probability,
    rows_of,
    signal_of,
    trading,
    why,
)

_WIDE_FROM = 110
_WIDE = (
    ("symbol", 10, False),
    ("model", 16, False),
    ("says", 8, False),
    ("up", 6, True),
    ("edge", 9, True),
    ("version", VERSION_CELLS, False),
    ("stage", 8, False),
    ("drift", 10, False),
    ("orders", 13, False),
)
_NARROW = (
    ("symbol", 8, False),
    ("model", 9, False),
    ("says", 8, False),
    ("up", 6, True),
    ("edge", 8, True),
    ("version", VERSION_CELLS - 1, False),
    ("stage", 8, False),
    ("drift", 8, False),
)
"""Why nothing is said has no room here; the detail below has it."""
EMPTY = "No model predicts here: touchline models train, then [[signals]] in config"


class SignalList(ListPane[RowKey]):
    """Lists signals: direction, probability, edge, version, stage, drift, whether orders come of it, and why not."""

    reads: ClassVar[frozenset[str]] = frozenset({"signals"})

    def keys(self) -> Sequence[RowKey]:
        """Return the rows, by model, champions first, then by symbol."""
        return rows_of(self.desk.signals)

    def empty(self) -> str:
        """Say how a model comes to predict, or why none is known."""
        view = self.desk.signals
        return view.registry or "Waiting for the registry of models" if view is not None else EMPTY

    def open_row(self) -> None:
        """Tell that the details are wanted."""
        if self.cursor is not None:
            self.post_message(SignalOpened(self.cursor))

    def tell_picked(self) -> None:
        """Tell that another row is looked at."""
        self.post_message(SignalPicked())

    def head(self) -> Sequence[Run]:
        """Name the columns."""
        return [
            (" " + fit(name, width, right=right) + " ", "faint") for name, width, right in self._columns()
        ]

    def row(self, key: RowKey, *, selected: bool) -> Sequence[Run]:
        """Return one row's cells."""
        signal, model = signal_of(self.desk, key), model_of(self.desk, key)
        is_champion = model is not None and model.stage == "champion"
        cells: dict[str, Run] = {
            "symbol": (key[2] or "–", "text+b" if is_champion else "text"),  # noqa: RUF001  # a dash
            "model": (key[0], "text" if is_champion else "muted"),
            "says": direction(signal),
            "up": (probability(signal), "text"),
            "edge": edge(signal),
            "version": (key[1], "muted"),
            "stage": (model.stage if model is not None else "", "accent" if is_champion else "faint"),
            "drift": drift(model),
            "orders": trading(model),
            "why": why(signal, model),
        }
        runs: list[Run] = []
        for name, width, right in self._columns():
            text, role = cells[name]
            text = text[:width] if name == "version" else text
            edge_mark = "▎" if selected and not runs else " "
            runs.append((edge_mark, "accent" if edge_mark != " " else role))
            runs.append((fit(text, width, right=right) + " ", role))
        return runs

    def _columns(self) -> list[tuple[str, int, bool]]:
        """Return name, width and side of each column that there is room for."""
        if self.size.width < _WIDE_FROM:
            return list(_NARROW)
        left = self.size.width - sum(width + 2 for _, width, _ in _WIDE) - 2
        return [*_WIDE, ("why", max(0, left), False)]
