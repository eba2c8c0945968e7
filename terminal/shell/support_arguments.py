"""What can be said about a bundle for whoever helps."""

from __future__ import annotations

from pathlib import Path

from terminal.shell.common_arguments import Parsers, add_config


def add_parsers(commands: Parsers) -> None:
    """Add this command to those of `touchline`."""
    parser = commands.add_parser(
        "support-bundle",
        help="what somebody who helps needs to see, in one file without secrets",
        description="List what goes into a bundle, and with a FILE write it: versions, settings, the newest lines of the "
        "logs, how a running desk is. Secrets are hidden; keys, operators, the audit log and backups are never in it.",
    )
    parser.add_argument(
        "file",
        nargs="?",
        type=Path,
        metavar="FILE.tar.gz",
        help="where to write it; without one it is only listed",
    )
    parser.add_argument(
        "--journal",
        action="store_true",
        help="the journals too, as they are: every order and fill is in them",
    )
    add_config(parser)
