"""The checklist as text, 80 columns wide: words, and nothing that only a colour would say."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from itertools import groupby
from typing import TYPE_CHECKING, Final

from engine.clock import NS_PER_S
from engine.model.text import clean

if TYPE_CHECKING:
    from engine.shell.preflight import Report, Row

WIDTH: Final = 80
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


def in_words(report: Report) -> Iterator[str]:
    """Yield the lines of a report."""
    yield from _head(report)
    for section, rows in groupby(report.rows, key=lambda row: row.section):
        yield ""
        yield section.upper()
        yield from (line for row in rows for line in _of_row(row))
    yield ""
    yield from summary(report)


def summary(report: Report) -> Iterator[str]:
    """Yield what it comes to."""
    counts = ", ".join(f"{count} {name}" for name, count in report.counts().items() if count)
    yield from _wrapped(f"{len(report.rows)} items: {counts}.")
    failing, holding = report.failing(), report.holding_back()
    if failing:
        yield from _wrapped(f"Fail, and keep a live account disarmed in production: {', '.join(failing)}.")
    if waiting := [each for each in holding if each not in failing]:
        yield from _wrapped(f"Are to be done before one is armed there: {', '.join(waiting)}.")
    if not holding:
        yield "Nothing here keeps a live account disarmed."
    yield f"Signed by the audit key {report.key}." if report.key else "Not signed: there is no audit key."


def _head(report: Report) -> Iterator[str]:
    where = "production" if report.production else "not production"
    asked = "an engine was asked" if report.live else "no engine was asked (--live)"
    name = clean(report.account, 32)
    yield from _wrapped(
        f"Preflight of {name}, version {report.version}, {utc(report.looked_ns)}; {where}; {asked}."
    )


def _of_row(row: Row) -> Iterator[str]:
    mark = "!" if row.blocks else " "
    yield f"{WORDS[row.status]:7}  {row.id:9}{mark} {row.title}"
    yield from _wrapped(clean(row.evidence, _LENGTH_MAX), _INDENT, _INDENT)
    if row.remedy:
        yield from _wrapped(f"do: {clean(row.remedy, _LENGTH_MAX)}", _INDENT, f"{_INDENT}    ")


def _wrapped(text: str, first: str = "", others: str = "") -> Iterable[str]:
    return textwrap.wrap(text, WIDTH, initial_indent=first, subsequent_indent=others, break_on_hyphens=False)


def utc(time_ns: int) -> str:
    """Return a moment to the second."""
    return f"{datetime.fromtimestamp(time_ns // NS_PER_S, tz=UTC):%Y-%m-%d %H:%M:%S} UTC"
