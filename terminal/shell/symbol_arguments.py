"""What can be said about the instruments that venues list."""

from __future__ import annotations

from engine.shell.venues import LISTED
from terminal.shell.common_arguments import Parsers, add_config, add_key_file


def add_parsers(commands: Parsers) -> None:
    """Add this command to those of `touchline`."""
    parser = commands.add_parser(
        "symbols",
        help="search the instruments of all venues",
        description="Search what the venues list, by any words of a symbol or a name: BTC/USD, XBT, BTCUSDT, apple. What "
        "is related stands together, and is never the same: each row has its own venue and its own price. Lists are "
        "read from the venues once a day and kept in the cache folder. The exit code is 1 where nothing was found.",
    )
    parser.add_argument("text", nargs="+", metavar="TEXT", help="words that a listing must have, all of them")
    parser.add_argument(
        "--venue",
        action="append",
        choices=LISTED,
        default=[],
        metavar="VENUE",
        help=f"only this one: {', '.join(LISTED)}; may be given again",
    )
    parser.add_argument("--json", action="store_true", help="print them as JSON")
    add_key_file(parser, "keys are kept here, not in the keyring")
    add_config(parser)
