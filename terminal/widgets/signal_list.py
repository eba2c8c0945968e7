"""Rows of what each version says of each symbol: on a page of their own, and in a pane of the desk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar, Final

from engine.messages.signal_views import ModelView, SignalsView, SignalView
from terminal.desk import Desk
from terminal.strips import Ink, Run, fit
from terminal.widgets.columns import Column, Columns
from terminal.widgets.list_pane import ListPane
from terminal.widgets.messages import SignalOpened, SignalPicked
from terminal.widgets.signal_words import (
    VERSION_CELLS,
    RowKey,
    direction,
    drift,
    edge,
    probability,
    rows_of,
    trading,
    why,
)

_MARK: Final = 3
"""Cells of the mark: the cursor, and what is no champion."""
_TABLE: Final = 92
"""Cells of the columns at most; why nothing is said has what is left, where that is `_WHY` or more."""
_WHY: Final = 14
EMPTY: Final = "No model predicts here: touchline models train, then [[signals]] in config"


class SignalList(ListPane[RowKey]):
    """Lists signals: direction, probability, edge, stage, drift, whether orders come of it, and why nothing is said."""

    reads: ClassVar[frozenset[str]] = frozenset({"signals"})

    def __init__(self, desk: Desk, ink: Ink, *, id: str) -> None:  # noqa: A002  # Textual's own name
        super().__init__(desk, ink, id=id)
        self._several = False
        """Whether more than one model predicts."""
        self._columns = _columns(several=False)
        self._view: SignalsView | None = None
        self._rows_of: Sequence[RowKey] = ()
        self._signals: Mapping[RowKey, SignalView] = {}
        self._models: Mapping[tuple[str, str], ModelView] = {}

    def keys(self) -> Sequence[RowKey]:
        """Return the rows, by model, champions first, then by symbol."""
        view = self.desk.signals
        if view is not None and view is not self._view:
            self._view, self._rows_of = view, rows_of(view)
            self._signals = {(each.model, each.version, each.symbol): each for each in view.signals}
            self._models = {(each.model, each.version): each for each in view.models}
            several = len({each.model for each in view.models}) > 1
            if several is not self._several:
                self._several, self._columns = several, _columns(several=several)
        return self._rows_of

    def empty(self) -> str:
        """Say how a model comes to predict, or why none is known."""
        view = self.desk.signals
        return view.registry or "Waiting for the registry of models" if view is not None else EMPTY

    def select(self, key: RowKey) -> None:
        """Put the cursor on a row, also of what came since it was drawn."""
        self._keys = self.keys()
        super().select(key)

    def open_row(self) -> None:
        """Tell that the details are wanted."""
        if self.cursor is not None:
            self.post_message(SignalOpened(self.cursor))

    def tell_picked(self) -> None:
        """Tell that another row is looked at."""
        self.post_message(SignalPicked())

    def measure(self, keys: Sequence[RowKey]) -> None:
        """Make room for the rows in sight."""
        self._columns.fit((self._cells(key) for key in keys), min(_TABLE, self.size.width) - _MARK - 1)

    def head(self) -> Sequence[Run]:
        """Name the columns."""
        return self._with_more([(" " * _MARK, "muted"), *self._columns.header()], ("why", "muted"))

    def row(self, key: RowKey, *, selected: bool) -> Sequence[Run]:
        """Return one row's cells; what is no champion is marked, whether or not there is room for its stage."""
        model = self._models.get(key[:2])
        runs: list[Run] = [
            ("▎" if selected else " ", "accent"),
            ("  " if model is None or model.stage == "champion" else "◇ ", "muted"),
            *self._columns.write(self._cells(key)),
        ]
        return self._with_more(runs, why(self._signals.get(key), model))

    def _with_more(self, runs: list[Run], more: Run) -> list[Run]:
        """Put in what is left of the row what has no column of its own."""
        used = sum(len(text) for text, _ in runs)
        left = self.size.width - used - 4
        return [*runs, ("   ", "text"), (fit(more[0], left), more[1])] if left >= _WHY else runs

    def _cells(self, key: RowKey) -> list[Run]:
        signal, model = self._signals.get(key), self._models.get(key[:2])
        is_champion = model is not None and model.stage == "champion"
        return [
            (key[2] or "–", "text+b" if is_champion else "text"),  # noqa: RUF001  # a dash
            (key[0], "text" if is_champion else "muted"),
            direction(signal),
            (probability(signal), "text"),
            edge(signal),
            (model.stage if model is not None else "", "accent" if is_champion else "faint"),
            drift(model),
            trading(model),
            (key[1][:VERSION_CELLS], "muted"),
        ]


def _columns(*, several: bool) -> Columns:
    """Return the columns; of several models the name goes after the edge, of one alone before its stage does."""
    return Columns(
        (
            Column("symbol", 10, right=False, keep=9),
            Column("model", 16, right=False, keep=8 if several else 4),
            Column("says", 8, right=False, keep=9),
            Column("up", 6, keep=7),
            Column("edge", 10, keep=6),
            Column("stage", 8, right=False, keep=5),
            Column("drift", 10, right=False, keep=3),
            Column("orders", 13, right=False, keep=2),
            Column("version", VERSION_CELLS, right=False, keep=1),
        )
    )
