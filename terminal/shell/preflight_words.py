"""The checklist as text: words, and nothing that only a colour would say."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING, Final

from engine.clock import NS_PER_S
from engine.model.text import clean

if TYPE_CHECKING:
    from engine.shell.preflight import Report, Row

Wrap = Callable[..., list[str]]
WIDTH: Final = 80
"""Where nobody knows how wide the terminal is: in a pipe, in a file."""
WIDTH_MIN: Final = 60
WIDTH_MAX: Final = 120
_INDENT: Final = " " * 20
_LENGTH_MAX: Final = 600
WORDS: Final[Mapping[str, str]] = {
    "pass": "pass",
    "fail": "FAIL",
    "waits for a person": "waits",
    "signed off": "signed",
    "not configured": "not set",
    "not applicable": "n/a",
}
"""How each status is written in the column for it."""


def in_words(report: Report, width: int = WIDTH) -> Iterator[str]:
    """Yield the lines of a report, as wide as a terminal is within reason."""
    wrap = partial(_wrapped, min(max(width, WIDTH_MIN), WIDTH_MAX))
    yield from wrap(_head(report))
    for section, rows in groupby(report.rows, key=lambda row: row.section):
        yield ""
        yield section.upper()
        yield from (line for row in rows for line in _of_row(row, wrap))
    yield ""
    for sentence in summary(report):
        yield from wrap(sentence)


def summary(report: Report) -> Iterator[str]:
    """Yield what it comes to, a sentence each."""
    counts = ", ".join(f"{count} {name}" for name, count in report.counts().items() if count)
    yield f"{len(report.rows)} items: {counts}."
    failing, holding = report.failing(), report.holding_back()
    if failing:
        yield f"Fail, and keep a live account disarmed in production: {', '.join(failing)}."
    if waiting := [each for each in holding if each not in failing]:
        yield f"Are to be done before one is armed there: {', '.join(waiting)}."
    if not holding:
        yield "Nothing here keeps a live account disarmed."
    yield f"Signed by the audit key {report.key}." if report.key else "Not signed: there is no audit key."


def heading(report: Report) -> str:
    """Return which version was looked at, when, and whether an engine was asked."""
    where = "production" if report.production else "not production"
    asked = "an engine was asked" if report.live else "no engine was asked (--live)"
    return f"version {report.version}, {utc(report.looked_ns)}; {where}; {asked}."


def _head(report: Report) -> str:
    return f"Preflight of {clean(report.account, 32)}, {heading(report)}"


def _of_row(row: Row, wrap: Wrap) -> Iterator[str]:
    mark = "!" if row.blocks else " "
    yield f"{WORDS[row.status]:7}  {row.id:9}{mark} {row.title}"
    yield from wrap(clean(row.evidence, _LENGTH_MAX), _INDENT, _INDENT)
    if row.remedy:
        yield from wrap(f"do: {clean(row.remedy, _LENGTH_MAX)}", _INDENT, f"{_INDENT}    ")


def _wrapped(width: int, text: str, first: str = "", others: str = "") -> list[str]:
    return textwrap.wrap(text, width, initial_indent=first, subsequent_indent=others, break_on_hyphens=False)


def utc(time_ns: int) -> str:
    """Return a moment to the second."""
    return f"{datetime.fromtimestamp(time_ns // NS_PER_S, tz=UTC):%Y-%m-%d %H:%M:%S} UTC"
