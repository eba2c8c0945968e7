"""Draws the Markdown that our own pages are written in: headings, paragraphs, lists, tables, blocks, code, links.

Textual's own Markdown is a widget for each paragraph, with colours of its own; a page of ours is one text in the theme's roles.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from itertools import groupby

from textual.content import Content

from engine.model.text import clean

Part = tuple[str, str]
_SPAN = re.compile(r"`([^`]+)`|\*\*([^*]+)\*\*|\[([^\]]+)\]\([^)]*\)")
_LINE_MAX = 4_000
_RULE = re.compile(r"[|\s:-]+")


def rendered(text: str) -> Content:
    """Return a page in the desk's colours; what it does not know stays as it is written."""
    return Content.assemble(*_parts(text))


def _parts(text: str) -> Iterator[Part]:
    lines = [clean(line, _LINE_MAX) for line in text.splitlines()]
    before = ""
    for kind, group in groupby(_marked(lines), key=lambda marked: marked[0]):
        block = [line for _, line in group]
        if (kind, before) != ("blank", "heading"):
            yield from _DRAWN[kind](block)
        before = kind


def _marked(lines: list[str]) -> Iterator[tuple[str, str]]:
    """Yield each line with the kind of block that it is in; the fences themselves are left out."""
    is_code = False
    for line in lines:
        if line.startswith("```"):
            is_code = not is_code
        elif is_code:
            yield "code", line
        elif not line.strip():
            yield "blank", line
        elif line.startswith("#"):
            yield "heading", line
        elif line.startswith("|"):
            yield "table", line
        elif re.match(r"\s*(?:[-*]|\d+\.) |  +\S", line):
            yield "item", line
        else:
            yield "text", line


def _items(block: list[str]) -> Iterator[Part]:
    """Yield a list's items; lines that go on are put behind their item."""
    items: list[str] = []
    for line in block:
        if re.match(r"\s*(?:[-*]|\d+\.) ", line) or not items:
            items.append(re.sub(r"^(\s*)[-*] ", r"\1• ", line))
        else:
            items[-1] += f" {line.strip()}"
    for item in items:
        yield from _spans(item)
        yield "\n", "$desk-text"


def _table(block: list[str]) -> Iterator[Part]:
    """Yield a table's rows: what the first cell says in bold, the others behind it."""
    rows = [line for line in block if not _RULE.fullmatch(line)]
    for line in rows[1:]:
        first, *others = [cell.strip() for cell in line.strip().strip("|").split(" | ")]
        yield from _spans(first, "bold $desk-text")
        yield ": ", "$desk-text"
        yield from _spans(" · ".join(others))
        yield "\n", "$desk-text"


def _spans(text: str, style: str = "$desk-text") -> Iterator[Part]:
    """Yield a line's runs: code and links stand out."""
    at = 0
    for found in _SPAN.finditer(text):
        if found.start() > at:
            yield text[at : found.start()], style
        code, bold, link = found.groups()
        yield (code, "$desk-own") if code else (bold, "bold $desk-text") if bold else (link, style)
        at = found.end()
    if text[at:]:
        yield text[at:], style


def _code(block: list[str]) -> Iterator[Part]:
    for line in block:
        yield f"  {line}\n", "$desk-own"


def _blank(_: list[str]) -> Iterator[Part]:
    yield "\n", "$desk-text"


def _heading(block: list[str]) -> Iterator[Part]:
    for line in block:
        yield f"{line.lstrip('# ')}\n", "bold $desk-accent"


def _text(block: list[str]) -> Iterator[Part]:
    yield from _spans(" ".join(line.strip() for line in block))
    yield "\n", "$desk-text"


_DRAWN: Mapping[str, Callable[[list[str]], Iterator[Part]]] = {
    "code": _code,
    "blank": _blank,
    "heading": _heading,
    "table": _table,
    "item": _items,
    "text": _text,
}
