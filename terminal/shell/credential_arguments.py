"""What can be said about the credentials of venues; never a credential itself."""

from __future__ import annotations

import argparse

from engine.shell.venues import VenueNames
from terminal.shell.common_arguments import Parsers, add_command, add_config, add_key_file


def add_parsers(commands: Parsers) -> None:
    """Add this command to those of `touchline`."""
    parser = commands.add_parser(
        "credentials",
        help="the keys of venues, kept in the keyring",
        description="Keep the keys of venues in the keyring of the session, or in a key file.",
    )
    errands = parser.add_subparsers(dest="errand", metavar="add|list|remove|test", required=True)
    add = _add(errands, "add", "ask for a key and its secret and keep them; in a pipe, two lines")
    _add_venue(add)
    add.add_argument("typed", nargs="*", help=argparse.SUPPRESS)
    _add(errands, "list", "say which venues have one, with the last four characters of the key")
    _add_venue(_add(errands, "remove", "forget the one of a venue"))
    _add_venue(
        _add(errands, "test", "say whether the one of a venue is given back, and let the venue judge it")
    )


def _add(errands: Parsers, name: str, help_text: str) -> argparse.ArgumentParser:
    parser = add_command(errands, name, help_text)
    add_key_file(parser, "keep them here, not in the keyring")
    add_config(parser)
    return parser


def _add_venue(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "venue", choices=VenueNames(), metavar="VENUE", help=f"whose: {', '.join(VenueNames())}"
    )
