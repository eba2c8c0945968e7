"""Rows of coloured text, baked once into the bytes that the terminal gets.

A row is a list of runs, each a text and a role. Roles are names of the theme's colours, written
`ink[+b][+i][+u][+d][/paper]`: `up+b/flash_up` is bold `up` on `flash_up`, `up+d` is `up` dimmed towards
its paper. A baked strip is emitted verbatim by
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

from engine.model.text import clean

Run = tuple[str, str]
"""A text and its role."""

_Made = tuple[Style, str, str]
"""A style, and the sequences before and after its text."""

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
    """A strip that already knows its bytes, and makes its segments only when something asks for them."""

    __slots__ = ("_made", "_pieces")

    def __init__(self, pieces: list[tuple[str, Style]], width: int, rendered: str) -> None:
        self._pieces = pieces
        self._made: list[Segment] | None = None
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

    @property
    def _segments(self) -> list[Segment]:  # type: ignore[override]
        if self._made is None:
            self._made = [Segment(text, style) for text, style in self._pieces]
        return self._made


class Ink:
    """Turns roles into styles and escape sequences, for one theme on one kind of terminal."""

    def __init__(self, colours: Mapping[str, str], color_system: ColorSystem | None) -> None:
        """Take role colours (`#rrggbb`) and what the terminal can show; None is a terminal without colour."""
        self._colours = colours
        self._color_system = color_system
        self._inks: dict[str, dict[str, _Made]] = {}
        """By paper, then by role."""

    @property
    def is_coarse(self) -> bool:
        """Whether the terminal shows no colours, or so few that roles may look the same."""
        return self._color_system in {None, ColorSystem.STANDARD, ColorSystem.WINDOWS}

    def style(self, role: str) -> Style:
        """Return the style of a role, for widgets that are not baked."""
        return (self._inks_on("").get(role) or self._ink(role, ""))[0]

    def bake(self, runs: Iterable[Run], width: int, paper: str = "panel") -> BakedStrip:
        """Make a strip of exactly `width` cells, cut or padded with the paper's colour.

        Characters that a terminal would obey instead of show are dropped.
        """
        pieces: list[tuple[str, Style]] = []
        parts: list[str] = []
        inks = self._inks_on(paper)
        left = width
        for text, role in runs:
            if left <= 0:
                break
            if not text.isprintable():
                text = clean(text, max(left, 1))  # noqa: PLW2901
            if not text:
                continue
            length = len(text) if text.isascii() else cell_len(text)
            if length > left:
                text = text[:left] if text.isascii() else set_cell_size(text, left)  # noqa: PLW2901
                length = left
            left -= length
            style, before, after = inks.get(role) or self._ink(role, paper)
            pieces.append((text, style))
            parts += (before, text, after)
        if left > 0:
            style, before, after = inks.get("text") or self._ink("text", paper)
            pieces.append((" " * left, style))
            parts += (before, " " * left, after)
        return BakedStrip(pieces, width, "".join(parts))

    def _inks_on(self, paper: str) -> dict[str, _Made]:
        inks = self._inks.get(paper)
        if inks is None:
            inks = self._inks[paper] = {}
        return inks

    def _ink(self, role: str, paper: str) -> _Made:
        made = self._inks_on(paper)[role] = self._make(
            role if "/" in role or not paper else f"{role}/{paper}"
        )
        return made

    def _make(self, role: str) -> _Made:
        ink, _, paper = role.partition("/")
        name, *marks = ink.split("+")
        if self._color_system is None:
            style = self._colourless(name, paper, marks)
        else:
            paper_colour = self._colours[paper or "panel"]
            colour = self._colours[name]
            style = Style(
                color=mix(colour, paper_colour, _DIM_SHARE) if "d" in marks else colour,
                bgcolor=paper_colour if paper else None,
                bold="b" in marks,
                italic="i" in marks,
                underline="u" in marks,
            )
        rendered = style.render(_NUL, color_system=self._color_system or ColorSystem.STANDARD)
        before, _, after = rendered.partition(_NUL)
        return style, before, after

    def _colourless(self, name: str, paper: str, marks: list[str]) -> Style:
        """Keep weight, dim what fell and what is faint, reverse where the paper carries meaning."""
        if name not in self._colours or (paper and paper not in self._colours):
            raise KeyError(f"{name}/{paper}")
        return Style(
            bold="b" in marks,
            dim=name in _DIM or paper in _DIM,
            italic="i" in marks,
            underline="u" in marks,
            reverse=paper not in _QUIET,
        )


_DIM = frozenset({"down", "faint", "line"})
"""Inks that are dim on a terminal without colour, so that a falling candle still differs from a rising one."""

_QUIET = frozenset({"", "background", "panel", "line", "flash_up", "flash_down"})
"""Papers that mean nothing; any other becomes reverse video on a terminal without colour."""

_DIM_SHARE = 0.68


def mix(ink: str, paper: str, share: float) -> str:
    """Return the colour that lies between two, `share` of it the first."""
    pairs = zip(bytes.fromhex(ink[1:]), bytes.fromhex(paper[1:]), strict=True)
    return "#" + "".join(f"{round(a * share + b * (1 - share)):02x}" for a, b in pairs)


@lru_cache(maxsize=4096)
def fit(text: str, width: int, *, right: bool = False) -> str:
    """Cut or pad a text to exactly `width` cells, aligned left or right; a cut shows as an ellipsis."""
    length = len(text) if text.isascii() else cell_len(text)
    if length > width:
        kept = text[: width - 1] if text.isascii() else set_cell_size(text, width - 1)
        return f"{kept}…" if width > 0 else ""
    padding = " " * (width - length)
    return padding + text if right else text + padding
