"""What can be said about how long data is kept."""

from __future__ import annotations

from terminal.shell.common_arguments import Parsers, add_config


def add_parsers(commands: Parsers) -> None:
    """Add this command to those of `touchline`."""
    parser = commands.add_parser(
        "retention",
        help="what is kept, how much it is, and until when",
        description="Say of each kind of data how much there is, since when, and how long it is kept. A desk that "
        "runs removes what has had its time; this removes nothing.",
    )
    parser.add_argument("--json", action="store_true", help="print it as JSON")
    add_config(parser)
