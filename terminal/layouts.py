"""Where each pane goes, for every size of terminal: a pure function of size and choice."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from textual.geometry import Region

PANES = ("quotes", "chart", "depth", "portfolio", "orders", "ticket", "risk", "health", "tape")
"""Panes in the order of their number keys, 1 to 9."""

ROWS_MIN, COLUMNS_MIN = 12, 40
"""Below this nothing useful fits."""


class Layout(StrEnum):
    """How many panes are seen at once."""

    TINY = "tiny"
    """Too small to trade on; says so."""
    SINGLE = "single"
    """One pane and a tab strip."""
    QUAD = "quad"
    """Four slots, each showing one of its panes, and a tab strip."""
    FULL = "full"
    """All nine."""


_SLOTS: Mapping[str, tuple[str, ...]] = {
    "left": ("quotes", "portfolio", "risk"),
    "right": ("depth", "chart", "tape"),
    "below_left": ("orders", "health"),
    "below_right": ("ticket",),
}
"""What each slot of the quad can show; its first pane is shown until another is chosen."""


def layout_for(columns: int, rows: int) -> Layout:
    """Return the layout that suits a terminal of this size."""
    if columns < COLUMNS_MIN or rows < ROWS_MIN:
        return Layout.TINY
    if columns >= 150 and rows >= 44:
        return Layout.FULL
    if columns >= 110 and rows >= 30:
        return Layout.QUAD
    return Layout.SINGLE


def place(layout: Layout, area: Region, chosen: tuple[str, ...], zoomed: str | None) -> dict[str, Region]:
    """Return where each visible pane goes; panes that are left out are hidden.

    Args:
        layout: As `layout_for` said.
        area: The part of the screen that belongs to panes.
        chosen: Panes the user went to, latest last; decides what a shared slot shows.
        zoomed: The pane that fills the area, if one does.
    """
    if layout is Layout.TINY:
        return {}
    if zoomed is not None:
        return {zoomed: area}
    if layout is Layout.SINGLE:
        return {chosen[-1] if chosen else "quotes": area}
    if layout is Layout.QUAD:
        return _quad(area, chosen)
    return _full(area)


def _quad(area: Region, chosen: tuple[str, ...]) -> dict[str, Region]:
    left = area.width * 60 // 100
    above = area.height * 62 // 100
    slots = {
        "left": Region(area.x, area.y, left, above),
        "right": Region(area.x + left, area.y, area.width - left, above),
        "below_left": Region(area.x, area.y + above, left, area.height - above),
        "below_right": Region(area.x + left, area.y + above, area.width - left, area.height - above),
    }
    return {_shown(slot, chosen): region for slot, region in slots.items()}


def _shown(slot: str, chosen: tuple[str, ...]) -> str:
    panes = _SLOTS[slot]
    return next((pane for pane in reversed(chosen) if pane in panes), panes[0])


def _full(area: Region) -> dict[str, Region]:
    widths = _split(area.width, (58, 64, 38), minimum=(56, 50, 38))
    heights = _split(area.height, (26, 11, 8), minimum=(20, 10, 8))
    regions: dict[str, Region] = {}
    names = iter(PANES)
    y = area.y
    for height in heights:
        x = area.x
        for width in widths:
            regions[next(names)] = Region(x, y, width, height)
            x += width
        y += height
    return regions


def _split(total: int, shares: tuple[int, ...], minimum: tuple[int, ...]) -> tuple[int, ...]:
    """Divide a length by shares; the middle takes what rounding leaves."""
    lengths = [max(least, total * share // sum(shares)) for share, least in zip(shares, minimum, strict=True)]
    lengths[1 if len(lengths) == 3 and total > 100 else 0] += total - sum(lengths)
    return tuple(lengths)
