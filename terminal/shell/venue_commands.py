"""What the command about venues prints: a line for each, and why one can't be used."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Mapping

import msgspec

from engine.shell.venues import VenueRow, every_venue

_HEAD = ("VENUE", "SYMBOL", "ORDERS", "KEY FOR", "CHECK", "COMES WITH")


def venues(options: argparse.Namespace) -> int:
    """List the venues."""
    rows = every_venue()
    told = json.dumps([msgspec.to_builtins(row) for row in rows], indent=2) if options.json else _table(rows)
    sys.stdout.write(f"{told}\n")
    return 0


RUN: Mapping[str, Callable[[argparse.Namespace], int]] = {"venues": venues}
"""The function of each command."""


def _table(rows: list[VenueRow]) -> str:
    lines = [_HEAD, *map(_cells, rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    told = [
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    ]
    return "\n".join([*told, *(f"{row.trouble}." for row in rows if row.trouble)])


def _cells(row: VenueRow) -> tuple[str, ...]:
    if not row.label:
        return row.name, "can't be used", "", "", "", row.comes_with
    yes = ("no", "yes")
    return row.name, row.names, yes[row.orders], row.key, yes[row.check], row.comes_with
