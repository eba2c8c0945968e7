"""Where each pane goes, for every size of terminal: a pure function of size and choice."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from enum import StrEnum

from textual.geometry import Region

TITLES: Mapping[str, str] = {
    "quotes": "Quotes",
    "chart": "Chart",
    "depth": "Depth",
    "portfolio": "Portfolio",
    "orders": "Orders",
    "ticket": "Ticket",
    "risk": "Risk",
    "health": "Health",
    "tape": "Time & Sales",
    "signals": "Signals",
}
"""What each pane is called."""
PANES = tuple(TITLES)
"""Panes in the order of their number keys, 1 to 9 and 0."""

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
    """Three rows of three; the last place is shared by two, which stand beside each other where it is wide."""


_SLOTS: Mapping[str, tuple[str, ...]] = {
    "left": ("quotes", "portfolio", "risk", "signals"),
    "right": ("depth", "chart", "tape"),
    "below_left": ("orders", "health"),
    "below_right": ("ticket",),
}
"""What each slot of the quad can show; its first pane is shown until another is chosen."""

_LAST = ("tape", "signals")
"""What the last place of the full layout can show, likewise."""

_FOUR_FROM = 200
"""Columns from which both have a place, where models predict."""


def number_of(pane: str) -> int:
    """Return the number key of a pane."""
    return (PANES.index(pane) + 1) % 10


def offered(shown: Collection[str], *, predicts: bool) -> list[str]:
    """Return the panes that are offered: that of signals only where models predict, or where it is shown already."""
    return [pane for pane in PANES if pane != "signals" or predicts or pane in shown]


def layout_for(columns: int, rows: int) -> Layout:
    """Return the layout that suits a terminal of this size."""
    if columns < COLUMNS_MIN or rows < ROWS_MIN:
        return Layout.TINY
    if columns >= 150 and rows >= 44:
        return Layout.FULL
    if columns >= 110 and rows >= 30:
        return Layout.QUAD
    return Layout.SINGLE


def behind(places: Collection[str], *, predicts: bool) -> dict[str, str]:
    """Return which pane hides another one where no tabs tell of it, and that other one."""
    hidden = [pane for pane in PANES if pane not in places]
    if not predicts or len(hidden) != 1:
        return {}
    return {pane: hidden[0] for pane in _LAST if pane in places}


def place(
    layout: Layout, area: Region, chosen: tuple[str, ...], zoomed: str | None, *, predicts: bool = False
) -> dict[str, Region]:
    """Return where each visible pane goes; panes that are left out are hidden.

    Args:
        layout: As `layout_for` said.
        area: The part of the screen that belongs to panes.
        chosen: Panes the user went to, latest last; decides what a shared slot shows.
        zoomed: The pane that fills the area, if one does.
        predicts: Whether models predict here.
    """
    if layout is Layout.TINY:
        return {}
    if zoomed is not None:
        return {zoomed: area}
    if layout is Layout.SINGLE:
        return {chosen[-1] if chosen else "quotes": area}
    if layout is Layout.QUAD:
        return _quad(area, chosen)
    return _full(area, chosen, four=predicts and area.width >= _FOUR_FROM)


def _quad(area: Region, chosen: tuple[str, ...]) -> dict[str, Region]:
    left = area.width * 60 // 100
    above = area.height * 62 // 100
    slots = {
        "left": Region(area.x, area.y, left, above),
        "right": Region(area.x + left, area.y, area.width - left, above),
        "below_left": Region(area.x, area.y + above, left, area.height - above),
        "below_right": Region(area.x + left, area.y + above, area.width - left, area.height - above),
    }
    return {_shown(_SLOTS[slot], chosen): region for slot, region in slots.items()}


def _shown(panes: tuple[str, ...], chosen: tuple[str, ...]) -> str:
    return next((pane for pane in reversed(chosen) if pane in panes), panes[0])


def _full(area: Region, chosen: tuple[str, ...], *, four: bool) -> dict[str, Region]:
    low: tuple[str, ...]
    low_widths: tuple[int, ...]
    widths = _split(area.width, (58, 64, 38), minimum=(56, 50, 38))
    heights = _split(area.height, (26, 11, 8), minimum=(20, 10, 8))
    low, low_widths = (*PANES[6:8], _shown(_LAST, chosen)), widths
    if four:  # the right column keeps its width, so that its panes stand below each other
        low = (*PANES[6:8], *_LAST)
        low_widths = (*_split(widths[0] + widths[1], (58, 56, 38), minimum=(56, 50, 38)), widths[2])
    rows = ((PANES[:3], widths), (PANES[3:6], widths), (low, low_widths))
    regions: dict[str, Region] = {}
    y = area.y
    for (names, across), height in zip(rows, heights, strict=True):
        x = area.x
        for name, width in zip(names, across, strict=True):
            regions[name] = Region(x, y, width, height)
            x += width
        y += height
    return regions


def _split(total: int, shares: tuple[int, ...], minimum: tuple[int, ...]) -> tuple[int, ...]:
    """Divide a length by shares; the middle takes what rounding leaves."""
    lengths = [max(least, total * share // sum(shares)) for share, least in zip(shares, minimum, strict=True)]
    lengths[1 if len(lengths) == 3 and total > 100 else 0] += total - sum(lengths)
    return tuple(lengths)
