"""What can be said about data that signals are made of, and about the features in it."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable
from pathlib import Path

from terminal.shell.common_arguments import Parsers, add_config

ROWS_MAX = 10_000
HORIZON_MAX = 10_000
_SECONDS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
_SPAN = re.compile(r"([0-9]{1,5})([smhd])")


def add_parsers(commands: Parsers) -> None:
    """Add these commands to those of `touchline`."""
    _add_data(commands)
    _add_features(commands)


def _add_data(commands: Parsers) -> None:
    parser = commands.add_parser(
        "data",
        help="hold recorded data against the rules that training and signals need",
        description="Read whatever `replay` reads, and name each row that a rule speaks against, with the rule and the reason: "
        "what fails must not be used, what warns may be true and wants a look. Nothing is changed. The exit code is 1 where "
        "something fails.",
    )
    parser.add_argument("what", choices=("check",), help="check: hold files against the rules")
    parser.add_argument(
        "files", nargs="+", type=Path, metavar="FILE", help="recordings; each is judged alone"
    )
    parser.add_argument(
        "--rows",
        type=_number(ROWS_MAX),
        default=3,
        metavar="N",
        help="name so many rows of each rule (default 3)",
    )
    parser.add_argument(
        "--horizon",
        type=_number(HORIZON_MAX),
        default=0,
        metavar="BARS",
        help="also judge whether there is enough to train on, with labels that look so many bars ahead",
    )
    parser.add_argument(
        "--train-rows",
        type=_number(10**9),
        default=300,
        metavar="N",
        help="how many rows training needs of each symbol (default 300; with --horizon)",
    )
    parser.add_argument("--json", action="store_true", help="print it as JSON")


def _add_features(commands: Parsers) -> None:
    parser = commands.add_parser(
        "features",
        help="what a feature set is at the end of each bar of recorded data",
        description="Play recordings through the market as fast as they can be read, and work out a feature set at the end "
        "of each bar, by the code that does so live. Where there are no values it says why. The exit code is 1 where no "
        "bar has any.",
    )
    parser.add_argument(
        "files", nargs="+", type=Path, metavar="FILE", help="recordings; several are merged by time"
    )
    parser.add_argument(
        "--set",
        default="bars-12",
        metavar="NAME",
        help="bars-12 (the default), or prices-11, which reads no volume",
    )
    parser.add_argument(
        "--bars",
        type=interval_ns,
        default=0,
        metavar="SPAN",
        help="how long a bar lasts: 1s, 5m, 1h or 1d (default: as in the file; 1m where it has ticks)",
    )
    shape = parser.add_mutually_exclusive_group()
    shape.add_argument("--csv", action="store_true", help="print every vector as CSV")
    shape.add_argument("--json", action="store_true", help="print every vector as JSON")
    add_config(parser)


def _number(most: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not (text.isdecimal() and text.isascii() and 0 < int(text) <= most):
            raise argparse.ArgumentTypeError(f"expected 1 to {most:,}, found {text!r}")
        return int(text)

    return read


def interval_ns(text: str) -> int:
    """Read how long a bar lasts, ns."""
    found = _SPAN.fullmatch(text)
    seconds = int(found[1]) * _SECONDS[found[2]] if found is not None else 0
    if not seconds:
        raise argparse.ArgumentTypeError(f"expected a length as 1s, 5m, 1h or 1d, found {text!r}")
    return seconds * 10**9
