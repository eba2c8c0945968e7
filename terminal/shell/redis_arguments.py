"""What can be said about the Redis that desks share."""

from __future__ import annotations

import argparse

from terminal.shell.common_arguments import Parsers, add_command, add_config, add_key_file


def add_parsers(commands: Parsers) -> None:
    """Add this command to those of `touchline`."""
    parser = commands.add_parser(
        "redis",
        help="the Redis that several desks share",
        description="Look at the Redis that several desks share, and keep the password of its user.",
    )
    errands = parser.add_subparsers(dest="errand", metavar="check|add|remove", required=True)
    _add(errands, "check", "say which line of its configuration to change; the exit code is 1 where one is")
    _add(errands, "add", "ask for its user and the password and keep them; in a pipe, two lines")
    _add(errands, "remove", "forget its user and the password")
    desks = commands.add_parser(
        "desks",
        help="the desks that share the Redis, and what they hold",
        description="Say which desks share the Redis, and what they hold.",
    )
    desks.add_argument(
        "--forget", metavar="NAME", help="count this one as flat: it is gone and holds nothing any more"
    )
    _add_places(desks)


def _add(errands: Parsers, name: str, help_text: str) -> None:
    _add_places(add_command(errands, name, help_text))


def _add_places(parser: argparse.ArgumentParser) -> None:
    add_key_file(parser, "the password is kept here, not in the keyring")
    add_config(parser)
