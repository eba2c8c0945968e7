"""What can be said about the log."""

from __future__ import annotations

import argparse
import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from terminal.shell.common_arguments import Parsers

LAST = 200
LAST_MAX = 1_000_000
SECONDS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
_SPAN = re.compile(r"([0-9]{1,6})([smhd])")
_ID_MAX = 64


def add_parsers(commands: Parsers) -> None:
    """Add this command to those of `touchline`."""
    parser = commands.add_parser(
        "logs",
        help="what happened, line by line: of one order, one component, or everything",
        description="Print the newest lines of the log, the oldest of them first, whether or not a desk runs. "
        "With the id of an order or a command, everything that was written about it, from the key to the fill.",
    )
    parser.add_argument("--follow", "-f", action="store_true", help="go on as lines come, until Ctrl-C")
    parser.add_argument(
        "--correlation",
        type=_id,
        metavar="ID",
        help="only what belongs to an order or a command; w on an order shows its id",
    )
    parser.add_argument(
        "--level", choices=("info", "warning", "critical"), default="info", help="this loud at least"
    )
    parser.add_argument(
        "--component",
        default="",
        metavar="C",
        help="only this one's: orders, risk, broker, venue, gateway, …",
    )
    parser.add_argument(
        "--since", type=_seconds, default=0, metavar="SPAN", help="not older than 90s, 10m, 2h or 3d"
    )
    parser.add_argument(
        "--last", type=_last, default=LAST, metavar="N", help=f"at most so many (default {LAST}), 0 for all"
    )
    parser.add_argument("--json", action="store_true", help="print each line as JSON")
    parser.add_argument(
        "--folder", type=Path, metavar="DIR", help="the logs are here, not in your own folder"
    )


def _id(text: str) -> str:
    if not 0 < len(text) <= _ID_MAX:
        raise argparse.ArgumentTypeError(f"expected an id of 1 to {_ID_MAX} characters, found {len(text)}")
    return text


def _seconds(text: str) -> int:
    found = _SPAN.fullmatch(text)
    if found is None:
        raise argparse.ArgumentTypeError(f"expected a span as 90s, 10m, 2h or 3d, found {text!r}")
    return int(found[1]) * SECONDS[found[2]]


def _last(text: str) -> int:
    if not (text.isdecimal() and text.isascii() and int(text) <= LAST_MAX):
        raise argparse.ArgumentTypeError(f"expected 0 to {LAST_MAX:,} lines, found {text!r}")
    return int(text)
