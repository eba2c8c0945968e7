"""What can be said about the way to a venue."""

from __future__ import annotations

from engine.shell.venues import VenueNames
from terminal.shell.common_arguments import Parsers, add_config, add_key_file


def add_parsers(commands: Parsers) -> None:
    """Add this command to those of `touchline`."""
    parser = commands.add_parser(
        "connect",
        help="try the way to a venue, step by step, and say what to do where it fails",
        description="Try the way to a venue: names, connection, certificate, key, clock, permissions, data, and an "
        "order that is written and not sent. Nothing that could trade leaves. The exit code is 0 where all is well, "
        "1 where a step failed.",
    )
    parser.add_argument(
        "venue", choices=VenueNames(), metavar="VENUE", help=f"which one: {', '.join(VenueNames())}"
    )
    parser.add_argument("--check", action="store_true", required=True, help="try each step, once")
    parser.add_argument("--json", action="store_true", help="print the steps as JSON")
    add_key_file(parser, "the key is kept here, not in the keyring")
    add_config(parser)
