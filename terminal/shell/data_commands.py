"""What `touchline data` prints: which rows a rule speaks against, and why."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from engine.clock import SystemClock
from engine.model.text import clean
from terminal.format import counted
from terminal.shell.signal_words import moment

if TYPE_CHECKING:
    from engine.shell.data_check import FileReport

NOT_CLEAN = 1
"""The exit code where something fails."""


def data(options: argparse.Namespace) -> int:
    """Hold files against the rules."""
    from engine.shell.data_check import Asked, check_file  # noqa: PLC0415  # help needs none of it

    asked = Asked(SystemClock().now_ns(), options.rows, options.horizon, options.train_rows)
    reports = [check_file(path, asked) for path in options.files]
    if options.json:
        sys.stdout.write(f"{json.dumps(_as_plain(reports), indent=2)}\n")
    else:
        sys.stdout.write("\n".join([*_lines(reports), ""]))
    return NOT_CLEAN if any(each.failures for each in reports) else 0


RUN: Mapping[str, Callable[[argparse.Namespace], int]] = {"data": data}
"""The function of each command."""


def _lines(reports: Sequence[FileReport]) -> Iterator[str]:
    for report in reports:
        read = ", ".join(_event(kind, count) for kind, count in report.events.items()) or "no rows"
        yield f"{clean(report.name)}: {report.layout}, {counted(report.symbols, 'symbol')}, {read}"
        yield from _findings(report)
        for each in report.labelled:
            yield f"      {each.symbol}: {counted(each.rows, 'row')} to train on, {each.up:,} of them up"
    failures, warnings = (sum(getattr(each, name) for each in reports) for name in ("failures", "warnings"))
    found = f"{counted(failures, 'failure')} and {counted(warnings, 'warning')}"
    yield f"{found} in {counted(len(reports), 'file')}" if failures or warnings else "clean"


def _event(kind: str, count: int) -> str:
    return counted(count, kind.removesuffix("s")) if kind.endswith("s") else f"{count:,} {kind}"


def _findings(report: FileReport) -> Iterator[str]:
    for each in report.found:
        whose = f" {each.symbol}" if each.symbol else ""
        yield f"{each.rule.severity.value:5} {each.rule.name}{whose}: {each.count:,}, {each.rule.meaning}"
        for row in each.first:
            where = [f"row {row.row:,}"] if row.row else []
            where += [moment(row.time_ns)] if row.time_ns else []
            yield f"      {', '.join(where)}{': ' if where else ''}{row.found}"


def _as_plain(reports: Sequence[FileReport]) -> dict[str, object]:
    return {
        "failures": sum(each.failures for each in reports),
        "warnings": sum(each.warnings for each in reports),
        "files": [
            {
                "file": clean(report.name),
                "layout": report.layout,
                "events": report.events,
                "failures": report.failures,
                "warnings": report.warnings,
                "found": [
                    {
                        "symbol": each.symbol,
                        "rule": each.rule.name,
                        "severity": each.rule.severity.value,
                        "meaning": each.rule.meaning,
                        "count": each.count,
                        "rows": [
                            {"row": row.row, "time_ns": row.time_ns, "found": row.found} for row in each.first
                        ],
                    }
                    for each in report.found
                ],
                "training": [
                    {"symbol": each.symbol, "rows": each.rows, "up": each.up} for each in report.labelled
                ],
            }
            for report in reports
        ],
    }
