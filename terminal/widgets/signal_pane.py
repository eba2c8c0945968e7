"""The signals pane: what models say, and below it, where rows are left, more of the one under the cursor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final

from textual.binding import BindingType

from engine.model.instrument import Symbol
from terminal.actions.table import bindings_of
from terminal.desk import Desk
from terminal.strips import Ink, Run
from terminal.widgets.signal_lines import about, body, cut
from terminal.widgets.signal_list import SignalList
from terminal.widgets.signal_words import RowKey, model_of, signal_of, summary

_FOOT_MIN: Final = 3
"""The rule, the version, and one line of it: less says nothing."""
_FOOT_MAX: Final = 12
_HALVED_FROM: Final = 14
"""Rows of a pane from which half of them are the foot's, however many signals there are."""


class SignalPane(SignalList):
    """Follows the desk: its cursor goes where the desk looks, and the desk looks where its cursor is put."""

    BINDINGS: ClassVar[list[BindingType]] = bindings_of("signals")
    every: ClassVar[int] = 6

    def __init__(self, desk: Desk, ink: Ink, *, id: str) -> None:  # noqa: A002  # Textual's own name
        super().__init__(desk, ink, id=id)
        self._followed: Symbol | None = None

    def keys(self) -> Sequence[RowKey]:
        """Return the rows, and caption them."""
        self.caption(summary(self.desk.signals))
        return super().keys()

    def draw(self) -> None:
        """Put the rows, the cursor in sight where others came, and on the symbol in focus where that is another."""
        before, self._keys = self._keys, self.keys()
        follows = self.desk.focus != self._followed and self._follow(self.desk.focus)
        if follows or len(self._keys) != len(before):
            self._reveal()
        super().draw()

    def _follow(self, focus: Symbol | None) -> bool:
        """Put the cursor on a symbol, unless it is on one of its rows; tell whether it has any."""
        row = next((key for key in self._keys if key[2] == focus), None)
        if row is None:
            return False
        self._followed = focus
        if self.cursor is None or self.cursor[2] != focus:
            self.cursor = row
        return True

    @property
    def foot_rows(self) -> int:
        """What the signals leave, and half of a pane that is tall; it does not hang on the row under the cursor."""
        height = self.size.height
        left = height - self.headed - len(self._keys)
        rows = min(_FOOT_MAX, max(left, height // 2 if height >= _HALVED_FROM else 0))
        return rows if rows >= _FOOT_MIN else 0

    def foot(self) -> Sequence[Sequence[Run]]:
        """Return a rule, the version under the cursor and how it does."""
        width, model = self.size.width, model_of(self.desk, self.cursor)
        if model is None or not self.foot_rows:
            return ()
        lines = (about(model), *body(self.desk, model, signal_of(self.desk, self.cursor), width))
        return [[("─" * width, "line")], *(cut(line, width) for line in lines)]
