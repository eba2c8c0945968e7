"""The ticket's rows: which there are, which give way when there is no room, and where their buttons are."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from rich.cells import cell_len

from terminal.strips import Run, fit

LABEL = 8
_BOX = 12
_GAP = 2


class Button(Struct, frozen=True):
    """What a click on these cells does, by the name of its action."""

    name: str
    start: int
    end: int


class Row(Struct):
    """One row of the ticket."""

    keep: int
    """Rows with a lower number give way first; 9 stays as long as anything does."""
    runs: list[Run]
    buttons: tuple[Button, ...] = ()


def label(text: str) -> Run:
    """Return a row's name."""
    return (fit(f" {text}", LABEL), "muted")


def box(text: str, role: str = "text+b/selected", width: int = _BOX) -> Run:
    """Return a figure in its box, which grows with it."""
    return (fit(f"{text} ", max(width, cell_len(text) + 1), right=True), role)


def figure(text: str, role: str = "text") -> Run:
    """Return a figure at the right of the box's column, and never cut."""
    return (f"{text:>{_BOX}}", role)


def beside(runs: Sequence[Run], width: int, *choices: Sequence[Run]) -> list[Run]:
    """Return a row with what stands behind its figure: the first of the choices that fits whole, else nothing."""
    room = width - sum(cell_len(text) for text, _ in runs) - _GAP
    for choice in choices:
        if sum(cell_len(text) for text, _ in choice) <= room:
            return [*runs, (" " * _GAP, "text"), *choice]
    return list(runs)


def with_buttons(
    keep: int, runs: Sequence[Run], width: int, *choices: Sequence[tuple[str, str, str]], gap: int = 1
) -> Row:
    """Return a row that ends in buttons of (name, text, role): the first of the choices that fits whole."""
    start = sum(cell_len(text) for text, _ in runs)
    for choice in choices:
        if start + sum(gap + cell_len(text) for _, text, _ in choice) <= width:
            return _row_of(keep, runs, start, choice, gap)
    return Row(keep, list(runs))


def _row_of(
    keep: int, runs: Sequence[Run], start: int, choice: Sequence[tuple[str, str, str]], gap: int
) -> Row:
    row, buttons = list(runs), []
    for name, text, role in choice:
        row += [(" " * gap, "text"), (text, role)]
        start += gap
        end = start + cell_len(text)
        buttons.append(Button(name, start, end))
        start = end
    return Row(keep, row, tuple(buttons))


def fitting(rows: Sequence[Row], height: int) -> list[Row]:
    """Return the rows that there is room for, in their order: what matters less gives way, the lowest first."""
    kept = list(rows)
    while len(kept) > max(0, height):
        least = min(row.keep for row in kept)
        del kept[max(i for i, row in enumerate(kept) if row.keep == least)]
    return kept


def wrapped(text: str, width: int) -> list[str]:
    """Break a sentence at spaces."""
    lines, line = [], ""
    for word in text.split():
        if line and len(line) + 1 + len(word) > width:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}" if line else word
    return [*lines, line] if line else lines
