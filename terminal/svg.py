"""Draws rows of styled cells as an SVG picture that needs no font of its own to line up.

Every word starts at its cell and is as wide as its cells; blocks and lines, which fonts draw with gaps, are
drawn as shapes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from html import escape
from typing import NamedTuple

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style

CELL_W, CELL_H, FONT_PX, BASELINE, MARGIN = 10, 20, 16.5, 15, 14
"""Pixels; a monospaced letter is 0.6 of its size wide."""

_LIGHT = {
    "─": "lr", "│": "ud", "┌": "rd", "┐": "ld", "└": "ru", "┘": "lu", "╭": "rd", "╮": "ld", "╰": "ru", "╯": "lu",
    "├": "udr", "┤": "udl", "┬": "lrd", "┴": "lru", "┼": "lrud", "╴": "l", "╵": "u", "╶": "r", "╷": "d",
}  # fmt: skip
_HEAVY = {
    "━": "lr", "┃": "ud", "╸": "l", "╹": "u", "╺": "r", "╻": "d", "┏": "rd", "┓": "ld", "┗": "ru", "┛": "lu",
}  # fmt: skip
_ARMS = {
    "l": f"h-{CELL_W / 2:g}",
    "r": f"h{CELL_W / 2:g}",
    "u": f"v-{CELL_H / 2:g}",
    "d": f"v{CELL_H / 2:g}",
}
_STROKE = {False: 1.2, True: 2.6}


class _Look(NamedTuple):
    """How a word is written."""

    ink: str
    bold: bool
    italic: bool
    underline: bool


class _Canvas:
    """Collects shapes by colour, so that each colour is one path, and words by look."""

    def __init__(self, ink: str, paper: str) -> None:
        self._ink = ink
        self._paper = paper
        self.papers: dict[str, list[str]] = defaultdict(list)
        self.blocks: dict[str, list[str]] = defaultdict(list)
        self.lines: dict[tuple[str, bool], list[str]] = defaultdict(list)
        self.words: dict[_Look, list[str]] = defaultdict(list)

    def put(self, text: str, style: Style, column: int, row: int) -> None:
        """Draw a text whose cells begin at a column of a row."""
        ink, paper = _hex(style.color, self._ink), _hex(style.bgcolor, self._paper)
        if style.reverse:
            ink, paper = paper, ink
        x, y = column * CELL_W, row * CELL_H
        if paper != self._paper:
            self.papers[paper].append(_box(x, y, cell_len(text) * CELL_W, CELL_H))
        look = _Look(ink, bool(style.bold), bool(style.italic), bool(style.underline))
        for word, offset in _words(text):
            self._write(word, look, x + offset * CELL_W, y)

    def _write(self, word: str, look: _Look, x: float, y: float) -> None:
        if (part := _block(word)) is not None:
            left, top, width, height = part
            box = _box(x + left * CELL_W, y + top * CELL_H, width * CELL_W, height * CELL_H)
            self.blocks[look.ink].append(box)
        elif (arms := _LIGHT.get(word) or _HEAVY.get(word)) is not None:
            centre = f"M{x + CELL_W / 2:g} {y + CELL_H / 2:g}"
            self.lines[look.ink, word in _HEAVY].extend(centre + _ARMS[arm] for arm in arms)
        else:
            width = cell_len(word) * CELL_W
            self.words[look].append(
                f'<text x="{x:g}" y="{y + BASELINE:g}" textLength="{width:g}">{escape(word)}</text>'
            )

    def elements(self) -> Iterator[str]:
        """Yield what was drawn, lowest first."""
        for shapes in (self.papers, self.blocks):
            for colour, boxes in shapes.items():
                yield f'<path fill="{colour}" shape-rendering="crispEdges" d="{"".join(boxes)}"/>'
        for (colour, heavy), strokes in self.lines.items():
            yield (
                f'<path fill="none" stroke="{colour}" stroke-width="{_STROKE[heavy]}" d="{"".join(strokes)}"/>'
            )
        for look, words in self.words.items():
            yield f"<g {_attributes(look)}>{''.join(words)}</g>"


def draw_svg(
    rows: Iterable[Iterable[Segment]], *, size: tuple[int, int], colours: Mapping[str, str], title: str
) -> str:
    """Return the picture of some rows.

    Args:
        rows: What the screen shows, from the top.
        size: Columns and rows.
        colours: A theme's roles; `text` and `background` are what unstyled cells have.
        title: What a screen reader says of it.
    """
    canvas = _Canvas(colours["text"], colours["background"])
    for row, segments in enumerate(rows):
        column = 0
        for segment in segments:
            if not segment.control:
                canvas.put(segment.text, segment.style or Style.null(), column, row)
                column += segment.cell_length
    width, height = size[0] * CELL_W + 2 * MARGIN, size[1] * CELL_H + 2 * MARGIN
    return "\n".join((
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img">',
        f"<title>{escape(title)}</title>",
        f'<rect width="{width}" height="{height}" rx="10" fill="{colours["background"]}"/>',
        f'<g transform="translate({MARGIN} {MARGIN})" font-size="{FONT_PX}"',
        ' font-family="JetBrains Mono, Fira Code, DejaVu Sans Mono, Menlo, Consolas, monospace">',
        *canvas.elements(),
        "</g>\n</svg>\n",
    ))  # fmt: skip


def _hex(colour: object, otherwise: str) -> str:
    triplet = getattr(colour, "triplet", None)
    return otherwise if triplet is None else triplet.hex


def _words(text: str) -> Iterator[tuple[str, int]]:
    """Yield each word with the cell it begins at; what is drawn as a shape is a word by itself."""
    word, begins, cell = "", 0, 0
    for character in text:
        shape = character in _LIGHT or character in _HEAVY or _block(character) is not None
        if (shape or character == " ") and word:
            yield word, begins
            word = ""
        if shape:
            yield character, cell
        elif character != " ":
            word, begins = word + character, begins if word else cell
        cell += cell_len(character)
    if word:
        yield word, begins


def _block(character: str) -> tuple[float, float, float, float] | None:
    """Return the part of its cell that a block element fills: left, top, width and height, 0 to 1."""
    code = ord(character) - 0x2580 if len(character) == 1 else -1
    if 1 <= code <= 8:
        return 0, 1 - code / 8, 1, code / 8
    if 9 <= code <= 15:
        return 0, 0, (16 - code) / 8, 1
    others: dict[int, tuple[float, float, float, float]] = {
        0x00: (0, 0, 1, 0.5),
        0x10: (0.5, 0, 0.5, 1),
        0x14: (0, 0, 1, 0.125),
        0x15: (0.875, 0, 0.125, 1),
    }
    return others.get(code)


def _box(x: float, y: float, width: float, height: float) -> str:
    return f"M{x:g} {y:g}h{width:g}v{height:g}h-{width:g}z"


def _attributes(look: _Look) -> str:
    marks = (' font-weight="bold"', look.bold), (' font-style="italic"', look.italic)
    underline = ' text-decoration="underline"' if look.underline else ""
    return f'fill="{look.ink}"' + "".join(mark for mark, wanted in marks if wanted) + underline
