"""What can be said about the past of an account."""

from __future__ import annotations

import argparse

from terminal.shell.common_arguments import Parsers, add_config

LIMIT_MAX = 1_000_000


def add_parsers(commands: Parsers) -> None:
    """Add this command to those of `touchline`."""
    parser = commands.add_parser(
        "history",
        help="orders, fills or everything an account did, newest first",
        description="Print what an account did, newest first, whether or not a desk runs.",
    )
    parser.add_argument(
        "what", nargs="?", choices=("orders", "fills", "audit"), default="orders", help="default orders"
    )
    parser.add_argument("--symbol", metavar="S", help="only this symbol")
    parser.add_argument("--limit", type=_limit, default=20, metavar="N", help="at most so many (default 20)")
    parser.add_argument(
        "--mode", metavar="MODE", help="whose, where several accounts have a history: sim, paper"
    )
    parser.add_argument("--json", action="store_true", help="print them as JSON")
    add_config(parser)


def _limit(text: str) -> int:
    if not (text.isdecimal() and text.isascii() and 0 < int(text) <= LIMIT_MAX):
        raise argparse.ArgumentTypeError(f"expected 1 to {LIMIT_MAX:,} rows, found {text!r}")
    return int(text)
