"""Shapes and words of an SVG drawing, and the colours of a dashboard."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Final, NamedTuple

from terminal.theming import load_themes

ROLES: Final = load_themes()["dark"].roles
TEXT, MUTED, LINE = ROLES["text"], ROLES["muted"], ROLES["line"]
NAMED: Final = {
    "green": ROLES["ok"],
    "orange": ROLES["warn"],
    "red": ROLES["breach"],
    "text": ROLES["faint"],
}
"""The dashboard's colours by their names in its file."""
CYCLE: Final = (
    "#5fd38d", "#5cabff", "#f5a65b", "#c3a6ff", "#ff6479", "#4fd0e0", "#ffe07a", "#e58fd0", "#9fb4d0", "#b8d05a",
)  # fmt: skip
"""Of the lines of a panel, one after the other."""
LETTER: Final = 0.56
"""How wide a letter is, of its height, about."""


class Box(NamedTuple):
    """A place in pixels."""

    x: float
    y: float
    w: float
    h: float

    @property
    def right(self) -> float:
        """Where it ends."""
        return self.x + self.w

    @property
    def bottom(self) -> float:
        """Where it ends."""
        return self.y + self.h


def number(value: float) -> str:
    """Write a coordinate as short as it can be read."""
    return f"{value:.1f}".removesuffix(".0")


def word(
    text: str, x: float, y: float, *, px: float = 11, ink: str = MUTED, at: str = "", bold: bool = False
) -> str:
    """Return a text; `at` says which part of it stands at x: its start, its middle or its end."""
    marks = (f' text-anchor="{at}"' if at else "") + (' font-weight="bold"' if bold else "")
    return f'<text x="{number(x)}" y="{number(y)}" font-size="{number(px)}" fill="{ink}"{marks}>{escape(text)}</text>'


def rect(box: Box, fill: str, *, edge: str = "", round_px: float = 0) -> str:
    """Return a rectangle."""
    marks = (f' stroke="{edge}"' if edge else "") + (f' rx="{number(round_px)}"' if round_px else "")
    x, y, w, h = map(number, box)
    return f'<rect x="{x}" y="{y}" width="{w}" height="{h}" fill="{fill}"{marks}/>'


def rule(x1: float, y1: float, x2: float, y2: float, ink: str, *, dashed: bool = False) -> str:
    """Return a straight line."""
    marks = ' stroke-dasharray="4 3"' if dashed else ""
    return f'<path d="M{number(x1)} {number(y1)}L{number(x2)} {number(y2)}" stroke="{ink}"{marks}/>'


def path(points: Sequence[tuple[float, float]]) -> str:
    """Return the way through points, those left out that lie on a straight line between others."""
    kept = [
        point
        for before, point, after in zip((None, *points), points, (*points[1:], None), strict=False)
        if before is None or after is None or not before[1] == point[1] == after[1]
    ]
    return "M" + "L".join(f"{number(x)} {number(y)}" for x, y in kept)


def cut(text: str, width: float, px: float) -> str:
    """Return as much of a text as a width has room for."""
    room = int(width / (px * LETTER))
    return text if len(text) <= room else text[: max(0, room - 1)] + "…"
