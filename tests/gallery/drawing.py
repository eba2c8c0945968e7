"""The dashboard as one drawing: each panel at its place of the grid."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from tests.gallery import lines, states
from tests.gallery.evaluation import Drawn, Span
from tests.gallery.figures import UNITS
from tests.gallery.ink import LINE, ROLES, TEXT, Box, cut, rect, word
from tests.gallery.panels import ROW, Place

CELL_W, CELL_H, GAP, MARGIN, TITLE_H = 50, 26, 6, 10, 24
COLUMNS = 24


def draw(drawn: Sequence[Drawn], span: Span, title: str) -> str:
    """Return some panels as an SVG drawing, the first of them at the top."""
    top = min(each.panel.place.y for each in drawn)
    bottom = max(each.panel.place.y + each.panel.place.h for each in drawn)
    width, height = COLUMNS * CELL_W + 2 * MARGIN, (bottom - top) * CELL_H + 2 * MARGIN
    return "\n".join((
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img">',
        f"<title>{escape(title)}</title>",
        rect(Box(0, 0, width, height), ROLES["background"], round_px=10),
        '<g font-family="Inter, DejaVu Sans, Helvetica, Arial, sans-serif" fill="none">',
        *(shape for each in drawn for shape in _panel(each, span, top)),
        "</g>\n</svg>\n",
    ))  # fmt: skip


def _panel(drawn: Drawn, span: Span, top: int) -> Iterator[str]:
    box = _box(drawn.panel.place, top)
    if drawn.panel.kind == ROW:
        yield word(drawn.panel.title, box.x + 2, box.y + 15, px=14, ink=TEXT, bold=True)
        return
    yield rect(box, ROLES["panel"], edge=LINE, round_px=4)
    unit = UNITS[drawn.panel.unit]
    yield word(cut(drawn.panel.title, box.w - 20, 11), box.x + 8, box.y + 16, ink=TEXT, bold=True)
    if drawn.panel.kind != "stat":
        yield word(unit, box.right - 8, box.y + 16, px=9, at="end")
    inside = Box(box.x, box.y + TITLE_H, box.w, box.h - TITLE_H)
    if not drawn.series:
        yield word("nothing on this run", box.x + box.w / 2, box.y + box.h / 2 + 8, at="middle")
    else:
        yield from _content(drawn, inside, span)


def _content(drawn: Drawn, box: Box, span: Span) -> Iterator[str]:
    length_s, step_s = span.end_s - span.begin_s, span.step_s
    match drawn.panel.kind:
        case "stat":
            return states.draw_stat(drawn, box, span.end_s)
        case "state-timeline":
            return states.draw_timeline(drawn, box, length_s, step_s)
        case "heatmap":
            return states.draw_heat(drawn, box, length_s, step_s)
        case "timeseries":
            return lines.draw(drawn, box, length_s, step_s)
        case other:
            raise ValueError(f"{drawn.panel.title}: a panel of the kind {other!r} can't be drawn")


def _box(place: Place, top: int) -> Box:
    x, y = MARGIN + place.x * CELL_W, MARGIN + (place.y - top) * CELL_H
    return Box(x + GAP / 2, y + GAP / 2, place.w * CELL_W - GAP, place.h * CELL_H - GAP)
