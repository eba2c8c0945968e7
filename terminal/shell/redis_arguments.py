"""What can be said about the Redis that desks share."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    Parsers = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001  # it has no public name


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
    _add_places(
        errands.add_parser(name, help=help_text, description=f"{help_text[0].upper()}{help_text[1:]}.")
    )


def _add_places(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--key-file", type=Path, metavar="FILE", help="the password is kept here, not in the keyring"
    )
    parser.add_argument(
        "--config", type=Path, metavar="FILE", help="settings to use instead of your own config.toml"
    )
