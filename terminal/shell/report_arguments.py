"""What can be said about the report of a week."""

from __future__ import annotations

import argparse
import re

from terminal.shell.common_arguments import Parsers, add_config

DAYS_MAX = 3_660
_HOURS = {"h": 1, "d": 24}
_SPAN = re.compile(r"([0-9]{1,5})([hd])")


def add_parsers(commands: Parsers) -> None:
    """Add this command to those of `touchline`."""
    parser = commands.add_parser(
        "report",
        help="what an account did in the last week, and how the program held",
        description="Sum up orders, fills, denials, rejects, how fast the broker answered, how long the engine ran, alerts, "
        "venues and programs, from the journal's history and the log, whether or not a desk runs.",
    )
    parser.add_argument(
        "--since",
        type=_hours,
        default=7 * 24,
        metavar="SPAN",
        help="of the last 12h, 7d (the default) or 30d",
    )
    parser.add_argument(
        "--mode", metavar="MODE", help="whose, where several accounts have a history: sim, paper"
    )
    parser.add_argument("--json", action="store_true", help="print it as JSON")
    add_config(parser)


def _hours(text: str) -> int:
    found = _SPAN.fullmatch(text)
    hours = int(found[1]) * _HOURS[found[2]] if found is not None else 0
    if not 0 < hours <= DAYS_MAX * 24:
        raise argparse.ArgumentTypeError(f"expected a span as 12h, 7d or 30d, found {text!r}")
    return hours
