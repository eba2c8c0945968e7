"""The order line as one row of runs: what is typed on the left, what it would do on the right."""

from __future__ import annotations

from rich.cells import cell_len

from terminal.orderline.editor import LineEditor
from terminal.strips import Run, fit

PROMPT: Run = (" \N{HEAVY RIGHT-POINTING ANGLE QUOTATION MARK ORNAMENT} ", "accent+b")
_INVITATION = "b buy · s sell · : order or command · / symbol"
_GAP = 2


def width_of(runs: list[Run]) -> int:
    """Return how many cells runs take."""
    return sum(cell_len(text) for text, _ in runs)


def clip(runs: list[Run], width: int) -> list[Run]:
    """Cut runs to a width; a cut shows as an ellipsis."""
    kept: list[Run] = []
    left = width
    for text, role in runs:
        cells = cell_len(text)
        if cells > left:
            kept.append((fit(text, left), role))
            break
        kept.append((text, role))
        left -= cells
    return kept


def alone(meaning: list[Run], width: int) -> list[Run]:
    """Put what a line means on a row of its own."""
    return clip([(" ", "text"), *meaning], width)


def room_for_typing(meaning: list[Run], width: int, *, is_empty: bool = False) -> int:
    """Return how many cells typing gets: what the meaning leaves, at least half while something is typed."""
    least = cell_len(PROMPT[0]) + 1 if is_empty else width // 2
    return max(least, width - width_of(meaning) - _GAP) if meaning else width


def row(typed: list[Run], meaning: list[Run], width: int, room: int) -> list[Run]:
    """Put what is typed at the left, in its room, and what it means at the right edge."""
    left = clip(typed, room)
    right = clip(meaning, max(0, width - width_of(left) - _GAP))
    return [*left, (" " * max(0, width - width_of(left) - width_of(right)), "text"), *right]


def typed_runs(
    editor: LineEditor, ghost: str, width: int, *, focused: bool, wrong: tuple[int, int] | None
) -> list[Run]:
    """Return prompt, text with its cursor, and ghost; a long text is scrolled so that the cursor is seen.

    `wrong` is the part of the text that offends.
    """
    first = _first_visible(editor, max(4, width - cell_len(PROMPT[0]) - 1))
    runs: list[Run] = [PROMPT]
    for index in range(first, len(editor.text)):
        is_wrong = wrong is not None and wrong[0] <= index < wrong[1]
        role = "down+u" if is_wrong else "text"
        if focused and index == editor.cursor:
            role = "background/accent"
        if len(runs) > 1 and runs[-1][1] == role:
            runs[-1] = (runs[-1][0] + editor.text[index], role)
        else:
            runs.append((editor.text[index], role))
    if not focused and not editor.text and cell_len(PROMPT[0] + _INVITATION) <= width:
        runs.append((_INVITATION, "faint"))
    if focused and editor.cursor == len(editor.text):
        runs.append(("▏", "accent+b"))
    if ghost and focused:
        runs.append((ghost, "faint+i"))
    return runs


def _first_visible(editor: LineEditor, room: int) -> int:
    """Return the first character to show, so that the cursor and what is before it fit."""
    first = editor.cursor
    cells = 0
    while first > 0:
        cells += cell_len(editor.text[first - 1])
        if cells > room:
            break
        first -= 1
    return first
