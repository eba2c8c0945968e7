"""Columns of a list: how wide each has to be, which of them fit, and how a row is written in them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import Struct
from rich.cells import cell_len

from terminal.strips import Run, fit

_GAP_MAX = 4


class Column(Struct, frozen=True):
    """One column: its heading, its bounds, and how willingly it goes."""

    title: str
    width_max: int
    right: bool = True
    keep: int = 0
    """Columns with a lower number are dropped first when the pane is narrow; 9 is never dropped."""


class Columns:
    """Lays a list's columns out; a column grows with what it holds and never shrinks, so that rows don't jump."""

    def __init__(self, columns: Sequence[Column]) -> None:
        self._columns = tuple(columns)
        self._widths = [cell_len(column.title) for column in columns]
        self._is_empty = True
        """Whether no row was ever seen: the heading then has room for some."""
        self._kept: tuple[int, ...] = ()
        self._gaps: tuple[int, ...] = ()
        self._room = -1

    def fit(self, rows: Iterable[Sequence[Run]], room: int) -> None:
        """Make room for these rows in so many cells."""
        grown = room != self._room
        for cells in rows:
            grown, self._is_empty = grown or self._is_empty, False
            for index, (text, _) in enumerate(cells):
                needed = min(cell_len(text), self._columns[index].width_max)
                if needed > self._widths[index]:
                    self._widths[index] = needed
                    grown = True
        if grown:
            self._room = room
            self._kept = self._keep(room)
            self._gaps = self._spread(room)

    def header(self) -> list[Run]:
        """Return the heading's runs."""
        return self.write([(column.title, "muted") for column in self._columns])

    def write(self, cells: Sequence[Run]) -> list[Run]:
        """Return a row's runs: one cell a column, aligned as the column says."""
        runs: list[Run] = []
        for index, gap in zip(self._kept, self._gaps, strict=True):
            text, role = cells[index]
            runs.append((" " * gap + fit(text, self._width(index), right=self._columns[index].right), role))
        return runs

    def _width(self, index: int) -> int:
        column = self._columns[index]
        return max(self._widths[index], column.width_max * 2 // 3) if self._is_empty else self._widths[index]

    def _keep(self, room: int) -> tuple[int, ...]:
        kept = list(range(len(self._columns)))
        while sum(self._width(i) + 1 for i in kept) - 1 > room:
            droppable = [i for i in kept if self._columns[i].keep < 9]
            if not droppable:
                break
            kept.remove(min(droppable, key=lambda i: (self._columns[i].keep, -i)))
        return tuple(kept)

    def _spread(self, room: int) -> tuple[int, ...]:
        """Return how many cells go before each kept column."""
        gaps = len(self._kept) - 1
        if gaps < 1:
            return (0,) * len(self._kept)
        free = max(gaps, room - sum(self._width(i) for i in self._kept))
        share, extra = divmod(min(free, gaps * _GAP_MAX), gaps)
        return (0, *(share + (1 if gap < extra else 0) for gap in range(gaps)))
