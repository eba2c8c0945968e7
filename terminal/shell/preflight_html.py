"""The checklist as a page that stands alone: to print, to sign, to keep."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from itertools import groupby
from typing import TYPE_CHECKING, Final

from engine.model.text import clean
from terminal.shell.preflight_words import heading, summary

if TYPE_CHECKING:
    from engine.shell.preflight import Report, Row

_STYLE: Final = """
body { font: 14px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 64rem; padding: 0 1rem; color: #1b1f24; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.05rem; margin: 1.6rem 0 .4rem; text-transform: capitalize; }
table { border-collapse: collapse; width: 100%; table-layout: fixed; } td { overflow-wrap: anywhere; }
th, td { text-align: left; vertical-align: top; padding: .3rem .6rem .3rem 0; border-bottom: 1px solid #d8dee4; }
td.status { font-weight: 600; } td.id { white-space: nowrap; }
tr.fail td.status { color: #a40e26; } tr.pass td.status, tr.signed td.status { color: #116329; }
tr.waits td.status { color: #7d4e00; } tr.not td.status { color: #57606a; }
p.remedy { margin: 0; color: #57606a; } code { overflow-wrap: anywhere; }
@media print { body { margin: 0; max-width: none; } tr { break-inside: avoid; } }
"""


_WIDTHS: Final = {"status": 9, "id": 7, "item": 16, "what was looked at, and what to do": 32}
"""Of each column in rem: the same in every table, so that they stand beneath each other."""
_COLUMNS: Final = "".join(
    (
        "<colgroup>",
        *(f'<col style="width:{width}rem">' for width in _WIDTHS.values()),
        "</colgroup><thead><tr>",
        *(f'<th scope="col">{name}</th>' for name in _WIDTHS),
        "</tr></thead>",
    )
)


def as_page(report: Report) -> str:
    """Return the page; every text in it is escaped, and it loads nothing."""
    return "".join(f"{line}\n" for line in _lines(report))


def _lines(report: Report) -> Iterator[str]:
    title = f"Preflight of {_text(report.account)}"
    yield "<!doctype html>"
    yield f'<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{title}</title><style>{_STYLE}</style></head><body>'
    yield f"<h1>{title}</h1>"
    yield f"<p>{_text(heading(report).capitalize())}</p>"
    yield from (f"<p>{_text(line)}</p>" for line in summary(report))
    for section, rows in groupby(report.rows, key=lambda row: row.section):
        yield f"<h2>{_text(section)}</h2><table>{_COLUMNS}<tbody>"
        yield from map(_row, rows)
        yield "</tbody></table>"
    if report.signature:
        yield f"<p>Signature (Ed25519, key {_text(report.key)}): <code>{_text(report.signature)}</code></p>"
    yield "</body></html>"


def _row(row: Row) -> str:
    mark = " (blocking)" if row.blocks else ""
    remedy = f'<p class="remedy">do: {_text(row.remedy)}</p>' if row.remedy else ""
    return (
        f'<tr class="{row.status.split()[0]}"><td class="status">{row.status}</td><td class="id">{row.id}</td>'
        f"<td>{_text(row.title)}{mark}</td><td>{_text(row.evidence)}{remedy}</td></tr>"
    )


def _text(text: str) -> str:
    return escape(clean(text, 1_000))
