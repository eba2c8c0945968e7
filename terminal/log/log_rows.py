"""Lines of the log as rows of a page. Pure; it imports no widget."""

from __future__ import annotations

from datetime import tzinfo
from types import MappingProxyType
from typing import Final

from rich.cells import cell_len

from engine.messages.log_line import Level, LogLine
from terminal.format import time_of_day
from terminal.log.log_words import named
from terminal.strips import fit

_TIME, _WHOSE, _WHAT, _ID = 13, 10, 16, 14
"""Cells of the columns; what is said has the rest."""
WIDE: Final = 120
"""From so many cells on there is room for the ids, and for what the keys do in words."""
_QUIET: Final = "market_ns"
"""What is said of a line only in full."""
_VALUE_MIN: Final = 2
"""A name is shown where there are so many cells for its value."""
_COLOURS: Final = MappingProxyType(
    {Level.INFO: "$desk-text", Level.WARNING: "$desk-warn", Level.CRITICAL: "bold $desk-live"}
)
_MARKS: Final = MappingProxyType({Level.INFO: " ", Level.WARNING: "!", Level.CRITICAL: "‼"})
Part = tuple[str, str]
"""A text and its colour."""


def heads(width: int) -> list[Part]:
    """Return what stands above the lines."""
    ids = f"{'id':<{_ID}}" if width >= WIDE else ""
    return [(f"   {'time':<{_TIME}}{ids}{'whose':<{_WHOSE}}{'what':<{_WHAT}}", "$desk-faint")]


def row(line: LogLine, width: int, zone: tzinfo, *, chosen: bool) -> list[Part]:
    """Return a line, cut or filled to a width in cells."""
    when = time_of_day(line.at_ns, zone, ms=True)
    ids = fit(line.correlation or line.cause, _ID - 1) + " " if width >= WIDE else ""
    whose = f"{fit(line.component, _WHOSE - 1)} "
    head = f"{'▸' if chosen else ' '}{_MARKS[line.level]} {when:<{_TIME}}{ids}{whose}"
    paper = " on $desk-selected" if chosen else ""
    told = [
        (head, "$desk-muted"),
        (f"{fit(line.event, _WHAT - 1)} ", _COLOURS[line.level]),
        *_said(line, width - cell_len(head) - _WHAT),
    ]
    return [(text, f"{colour}{paper}") for text, colour in told]


def in_full(line: LogLine) -> list[str]:
    """Return everything that a line says, each field in a row of its own."""
    told = [*named(line).items(), *line.texts()]
    width = max(len(name) for name, _ in told)
    return [f"{name:<{width}}  {value}" for name, value in told]


def _said(line: LogLine, width: int) -> list[Part]:
    """Return what a line says, cut or filled to a width: names fainter than what stands behind them."""
    said, parts = [each for each in line.texts() if each[0] != _QUIET], list[Part]()
    for left, (name, value) in zip(range(len(said) - 1, -1, -1), said, strict=True):
        room = width - cell_len(name) - 1
        if room < _VALUE_MIN:
            parts.append(("…"[: max(0, width)], "$desk-faint"))
            return [*parts, (" " * max(0, width - 1), "$desk-text")]
        rest = f"{value}  …" if left else value
        parts.append((f"{name} ", "$desk-faint"))
        if cell_len(rest) > room:
            return [*parts, (fit(rest, room), "$desk-text")]
        parts.append((f"{value}  " if left else value, "$desk-text"))
        width = room - cell_len(parts[-1][0])
    return [*parts, (" " * max(0, width), "$desk-text")]
