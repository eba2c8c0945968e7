"""What is seen first: the desk's frame, drawn while the panes behind it are still being loaded.

Loading and mounting ten panes takes longer than Textual's own start. The frame needs neither: it is rows of
text at the places where the panes will be, so that nothing moves when they come.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from textual.geometry import Region
from textual.screen import Screen
from textual.strip import Strip

from engine.model.account import AccountMode
from terminal.layouts import TITLES, Layout, layout_for, number_of, place
from terminal.strips import Ink, Run
from terminal.widgets.badge import BEGINS, badge

_ROUND, _HEAVY = ("╭", "─", "╮", "│", "╰", "╯"), ("┏", "━", "┓", "┃", "┗", "┛")
"""A frame's upper left, edge, upper right, side, lower left and lower right."""
"""Of the panes, in the order of their number keys."""


class OpeningScreen(Screen[None]):
    """Draws the frames of the panes that will be in sight; holds no widget."""

    AUTO_FOCUS: ClassVar[str | None] = None
    DEFAULT_CSS: ClassVar[str] = "OpeningScreen { background: $desk-background; }"

    def __init__(self, ink: Ink, mode: AccountMode) -> None:
        super().__init__(id="opening")
        self._ink = ink
        self._mode = mode

    def render_lines(self, crop: Region) -> list[Strip]:
        """Return the rows of the frame, past Textual's own styling."""
        rows = opening_rows(self.size.width, self.size.height, self._mode)
        strips: list[Strip] = [
            self._ink.bake(runs, self.size.width, paper) for runs, paper in rows[crop.y : crop.bottom]
        ]
        if crop.x or crop.width != self.size.width:
            return [strip.crop(crop.x, crop.right) for strip in strips]
        return strips


def opening_rows(columns: int, rows: int, mode: AccountMode) -> list[tuple[list[Run], str]]:
    """Return each row's runs and its paper, for a terminal of this size."""
    layout = layout_for(columns, rows)
    if layout is Layout.TINY:
        return [([], "background") for _ in range(rows)]
    below = ("background", "background") if layout is Layout.FULL else ("panel", "background", "background")
    area = Region(0, 0, columns, rows - 1 - len(below))
    places = place(layout, area, ("quotes",), None)
    return [
        ([*badge(mode), BEGINS], "panel"),
        *((list(_across(y, places, mode)), "panel") for y in range(area.height)),
        *(([], paper) for paper in below),
    ]


def _across(y: int, places: dict[str, Region], mode: AccountMode) -> Iterator[Run]:
    """Yield what one row shows of the frames, left to right."""
    for name, region in sorted(places.items(), key=lambda item: item[1].x):
        if region.y <= y < region.bottom:
            yield from _of_frame(name, y - region.y, region, mode)


def _of_frame(name: str, y: int, region: Region, mode: AccountMode) -> Iterator[Run]:
    """Yield a row of one frame, as `PaneFrame` will draw it; the first pane is lit, and live has its own colour."""
    is_lit, is_live = name == "quotes", mode is AccountMode.LIVE
    line, title = ("accent", "accent+b") if is_lit else ("line", "muted")
    if is_live:
        line, title = "live", title if is_lit else "live"
    left, edge, right, side, low_left, low_right = _HEAVY if is_live and is_lit else _ROUND
    inside = region.width - 2
    if y == 0:
        text = f" {TITLES[name]} "
        yield f"{left}{edge}", line
        yield f" {number_of(name)}", f"{title.partition('+')[0]}+b"
        yield text, title
        yield edge * max(0, inside - 3 - len(text)) + right, line
    elif y == region.height - 1:
        yield f"{low_left}{edge * inside}{low_right}", line
    else:
        yield side, line
        yield " " * inside, "text"
        yield side, line
