"""Draws one bar as a candle, its edges to an eighth of a cell."""

from __future__ import annotations

from engine.model.bar import Bar
from terminal.strips import Run
from terminal.widgets.chart_scale import PriceScale

BLOCKS = " ▁▂▃▄▅▆▇█"

HOLLOW = "▒"
"""What a rising body is filled with where a falling one is solid and colours don't part them."""

Cells = dict[int, Run]
"""Glyphs of one column by row, 0 at the top."""


def tone(bar: Bar) -> str:
    """Return the role of a bar: it closed above, below, or where it opened."""
    return "up" if bar.close > bar.open else "down" if bar.close < bar.open else "muted"


def candle(bar: Bar, scale: PriceScale, *, hollow: bool = False) -> tuple[Cells, Cells]:
    """Return the column through a candle's middle, and the one beside it, which has no wick.

    A lower block shows the upper end of a body. The lower end takes the same block with ink and paper
    swapped, since terminals have no upper blocks. With `hollow` a rising body is shaded instead, cell by cell.
    """
    low, high = scale.eighth(bar.low), scale.eighth(bar.high) + 1
    opened, closed = scale.eighth(bar.open), scale.eighth(bar.close)
    role = tone(bar)
    if opened == closed:
        return _thin(low, high, opened, scale.rows, role)
    bottom, top = min(opened, closed), max(opened, closed)
    draw = _body
    if hollow and closed > opened:
        draw = _shaded if top - bottom > 8 else _thinly_shaded
    middle: Cells = {}
    beside: Cells = {}
    for cell in range(low // 8, (high - 1) // 8 + 1):
        row = scale.rows - 1 - cell
        body = draw(bottom - 8 * cell, top - 8 * cell, role)
        if body is not None:
            middle[row] = beside[row] = body
        else:
            glyph = _wick(low - 8 * cell, high - 8 * cell)
            if glyph:
                middle[row] = (glyph, role)
    return middle, beside


def _body(bottom: int, top: int, role: str) -> Run | None:
    """Return the body's part of a cell whose eighths are 0 to 8."""
    bottom, top = max(0, bottom), min(8, top)
    if bottom >= top:
        return None
    if bottom == 0 or (top < 8 and bottom <= 8 - top):
        return (BLOCKS[top - bottom], role)
    return (BLOCKS[8 - (top - bottom)], f"panel/{role}")


def _shaded(bottom: int, top: int, role: str) -> Run | None:
    """Return a hollow body's part of a cell: shaded where it fills half of the cell."""
    return (HOLLOW, role) if min(8, top) - max(0, bottom) >= 4 else None


def _thinly_shaded(bottom: int, top: int, role: str) -> Run | None:
    """Return the part of a hollow body that may fill no half of any cell: shaded where its middle lies."""
    return (HOLLOW, role) if 0 <= (bottom + top) // 2 < 8 else None


def _wick(low: int, high: int) -> str:
    """Return the wick's part of a cell: whole, its upper tip, or its lower tip."""
    low, high = max(0, low), min(8, high)
    if high - low >= 5:
        return "│"
    if low == 0:
        return "╷"
    return "╵" if high == 8 else "│" if high - low >= 3 else ""


def _thin(low: int, high: int, at: int, rows: int, role: str) -> tuple[Cells, Cells]:
    """Draw a bar that closed where it opened: a line, crossed by its wick."""
    middle: Cells = {}
    cell_of_body = at // 8
    for cell in range(low // 8, (high - 1) // 8 + 1):
        glyph = _wick(low - 8 * cell, high - 8 * cell)
        if glyph:
            middle[rows - 1 - cell] = (glyph, role)
    above, below = (high - 1) // 8 > cell_of_body, low // 8 < cell_of_body
    row = rows - 1 - cell_of_body
    middle[row] = ("┼" if above and below else "┴" if above else "┬" if below else "─", role)
    return middle, {row: ("─", role)}


def volume_column(eighths: int, rows: int, role: str) -> Cells:
    """Return a column of volume, its top to an eighth of a cell."""
    full, rest = divmod(eighths, 8)
    cells: Cells = {rows - 1 - cell: (BLOCKS[8], role) for cell in range(full)}
    if rest:
        cells[rows - 1 - full] = (BLOCKS[rest], role)
    return cells
