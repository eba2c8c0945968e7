"""What can be said about the audit log."""

from __future__ import annotations

import argparse
from pathlib import Path

from terminal.shell.common_arguments import Parsers, add_command, add_config, add_key_file


def add_parsers(commands: Parsers) -> None:
    """Add this command to those of `touchline`."""
    parser = commands.add_parser(
        "audit",
        help="who did what to the account's controls, and whether that record is whole",
        description="Read the audit log: who did what, from where, before and after.",
    )
    errands = parser.add_subparsers(dest="errand", metavar="verify|show|accept", required=True)
    verify = _add(errands, "verify", "check that nothing in it was changed, removed, moved or cut off")
    _head(verify)
    show = _add(errands, "show", "print the newest entries, oldest first")
    show.add_argument("--last", type=int, default=50, metavar="N", help="how many (default 50)")
    accept = _add(
        errands, "accept", "take it as it stands where it does not go on from the signed head, and sign it"
    )
    _head(accept)
    accept.add_argument("--reason", required=True, metavar="TEXT", help="why; it is kept")
    accept.add_argument("--confirm", metavar="accept", help="the word, instead of typing it when asked")
    accept.add_argument("--operator", metavar="NAME", help="who decides (default: the user of this machine)")


def _head(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--head", type=Path, metavar="FILE", help="a signed head (default: the one in the backup folder)"
    )


def _add(errands: Parsers, name: str, help_text: str) -> argparse.ArgumentParser:
    parser = add_command(errands, name, help_text)
    parser.add_argument("--json", action="store_true", help="print it as JSON")
    add_key_file(parser, "the audit key is kept here, not in the keyring")
    add_config(parser)
    return parser
