"""Columns of a list: which of them fit, and how a row is written in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from terminal.strips import Run, fit


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its heading, its width, and how willingly it goes."""

    title: str
    width: int
    right: bool = True
    keep: int = 0
    """Columns with a lower number are dropped first when the pane is narrow; 9 is never dropped."""


def fitting(columns: Sequence[Column], width: int) -> tuple[int, ...]:
    """Return the indices of the columns that fit in a width, one cell between neighbours."""
    kept = list(range(len(columns)))
    while sum(columns[i].width + 1 for i in kept) - 1 > width:
        droppable = [i for i in kept if columns[i].keep < 9]
        if not droppable:
            break
        kept.remove(min(droppable, key=lambda i: (columns[i].keep, -i)))
    return tuple(kept)


def slack(columns: Sequence[Column], kept: Sequence[int], width: int) -> list[int]:
    """Return how many cells go before each kept column, so that a row fills the width evenly."""
    if not kept:
        return []
    free = max(0, width - sum(columns[i].width for i in kept))
    gaps = len(kept) - 1
    if not gaps:
        return [0]
    share, extra = divmod(min(free, gaps * 3), gaps)
    return [0, *(share + (1 if gap < extra else 0) for gap in range(gaps))]


def header(columns: Sequence[Column], kept: Sequence[int], gaps: Sequence[int]) -> list[Run]:
    """Return the heading's runs."""
    return write(columns, kept, gaps, [(column.title, "muted") for column in columns])


def write(
    columns: Sequence[Column], kept: Sequence[int], gaps: Sequence[int], cells: Sequence[Run]
) -> list[Run]:
    """Return a row's runs: one cell a column, aligned as the column says."""
    runs: list[Run] = []
    for index, gap in zip(kept, gaps, strict=True):
        text, role = cells[index]
        column = columns[index]
        runs.append((" " * gap + fit(text, column.width, right=column.right), role))
    return runs
