"""Rows of coloured text, baked once into the bytes that the terminal gets.

A row is a list of runs, each a text and a role. Roles are names of the theme's colours, written
`ink[+b][+i][/paper]`: `up+b/flash_up` is bold `up` on `flash_up`. A baked strip is emitted verbatim by
Textual's compositor; building one costs a tenth of an ordinary strip. It relies on private slots of
`Strip`, so Textual is pinned and `tests/unit/terminal/test_strips.py` checks the reliance.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache

from rich.cells import cell_len, set_cell_size
from rich.color import ColorSystem
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

Run = tuple[str, str]
"""A text and its role."""

_NUL = "\x00"


class _NoCache:
    """Stands where a strip has caches that a baked row never profits from."""

    __slots__ = ()

    def get(self, _key: object, default: object = None) -> object:
        return default

    def __setitem__(self, key: object, value: object) -> None:
        return


_NO_CACHE = _NoCache()


class BakedStrip(Strip):
    """A strip that already knows its bytes."""

    __slots__ = ()

    def __init__(self, segments: list[Segment], width: int, rendered: str) -> None:
        self._segments = segments
        self._cell_length = width
        self._render_cache = rendered
        self._link_ids = None
        self._cell_count = None
        cache: object = _NO_CACHE
        self._divide_cache = cache  # type: ignore[assignment]
        self._crop_cache = cache  # type: ignore[assignment]
        self._style_cache = cache  # type: ignore[assignment]
        self._filter_cache = cache  # type: ignore[assignment]
        self._line_length_cache = cache  # type: ignore[assignment]
        self._crop_extend_cache = cache  # type: ignore[assignment]
        self._offsets_cache = cache  # type: ignore[assignment]


class Ink:
    """Turns roles into styles and escape sequences, for one theme on one kind of terminal."""

    def __init__(self, colours: Mapping[str, str], color_system: ColorSystem | None) -> None:
        """Take role colours (`#rrggbb`) and what the terminal can show; None is a terminal without colour."""
        self._colours = colours
        self._color_system = color_system
        self._inks: dict[str, tuple[Style, str, str]] = {}

    def style(self, role: str) -> Style:
        """Return the style of a role, for widgets that are not baked."""
        return self._ink(role)[0]

    def bake(self, runs: Iterable[Run], width: int, paper: str = "panel") -> BakedStrip:
        """Make a strip of exactly `width` cells, cut or padded with the paper's colour."""
        segments: list[Segment] = []
        parts: list[str] = []
        left = width
        for text, role in runs:
            if not text or left <= 0:
                continue
            length = len(text) if text.isascii() else cell_len(text)
            if length > left:
                text = text[:left] if text.isascii() else set_cell_size(text, left)  # noqa: PLW2901
                length = left
            left -= length
            style, before, after = self._ink(role if "/" in role else f"{role}/{paper}")
            segments.append(Segment(text, style))
            parts.append(f"{before}{text}{after}")
        if left > 0:
            style, before, after = self._ink(f"text/{paper}")
            segments.append(Segment(" " * left, style))
            parts.append(f"{before}{' ' * left}{after}")
        return BakedStrip(segments, width, "".join(parts))

    def _ink(self, role: str) -> tuple[Style, str, str]:
        known = self._inks.get(role)
        if known is None:
            known = self._inks[role] = self._make(role)
        return known

    def _make(self, role: str) -> tuple[Style, str, str]:
        ink, _, paper = role.partition("/")
        name, *marks = ink.split("+")
        style = Style(
            color=self._colours[name],
            bgcolor=self._colours[paper] if paper else None,
            bold="b" in marks,
            italic="i" in marks,
            underline="u" in marks,
        )
        if self._color_system is None:
            style = Style(
                bold=style.bold, italic=style.italic, underline=style.underline, reverse=paper in _LOUD
            )
        rendered = style.render(_NUL, color_system=self._color_system or ColorSystem.STANDARD)
        before, _, after = rendered.partition(_NUL)
        return style, before, after


_LOUD = frozenset({"breach", "selected", "bid_bar", "ask_bar", "own_bar"})
"""Papers that carry meaning: without colour they become reverse video."""


@lru_cache(maxsize=4096)
def fit(text: str, width: int, *, right: bool = False) -> str:
    """Cut or pad a text to exactly `width` cells, aligned left or right; a cut shows as an ellipsis."""
    length = len(text) if text.isascii() else cell_len(text)
    if length > width:
        kept = text[: width - 1] if text.isascii() else set_cell_size(text, width - 1)
        return f"{kept}…" if width > 0 else ""
    padding = " " * (width - length)
    return padding + text if right else text + padding
