"""What can be said about live market data."""

from __future__ import annotations

import argparse
import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    Parsers = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001  # it has no public name

NAMES = ("live",)
VENUES = ("kraken",)
_SYMBOL = re.compile(r"[A-Z0-9][A-Z0-9._:-]{0,15}/[A-Z0-9][A-Z0-9._:-]{0,15}")


def add_parsers(commands: Parsers) -> None:
    """Add this command to those of `touchline`."""
    parser = commands.add_parser(
        "live",
        help="the desk on a venue's live market data, with a paper account",
        description="Open the desk on a venue's live market data. Orders are paper orders: they are matched here "
        "against the live book, and nothing is ever sent to the venue.",
    )
    parser.add_argument("venue", choices=VENUES, metavar="VENUE", help=f"whose data: {', '.join(VENUES)}")
    parser.add_argument("symbols", nargs="+", type=symbol, metavar="SYMBOL", help="pairs, such as BTC/USD")
    parser.add_argument(
        "--fresh", action="store_true", help="begin a new account instead of going on with the last one"
    )
    parser.add_argument(
        "--config", type=Path, metavar="FILE", help="settings to use instead of your own config.toml"
    )
    parser.add_argument(
        "--theme", metavar="NAME", help="dark, light, high-contrast, colour-blind, red-up, or your own"
    )


def symbol(text: str) -> str:
    """Read the name of a pair; small letters are taken for capitals."""
    name = text.upper()
    if not _SYMBOL.fullmatch(name):
        raise argparse.ArgumentTypeError(f"expected a pair such as BTC/USD, found {text!r}")
    return name
