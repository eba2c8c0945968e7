"""What can be said about the first steps and about our own keys."""

from __future__ import annotations

import argparse

from terminal.shell.common_arguments import Parsers, add_command, add_config, add_key_file


def add_parsers(commands: Parsers) -> None:
    """Add these commands to those of `touchline`."""
    setup = _add(commands, "setup", "make the keys and the first operator, where they are not there yet")
    first = setup.add_mutually_exclusive_group()
    first.add_argument(
        "--operator", metavar="NAME", help="what the first operator is called (default: as you are here)"
    )
    first.add_argument(
        "--keys-only", action="store_true", help="make no operator: the desk asks nobody who it is"
    )
    keys = commands.add_parser(
        "keys",
        help="the keys that sign tokens, models and the audit log, and seal backups",
        description="List and rotate our own keys. The keys of venues are touchline credentials.",
    )
    errands = keys.add_subparsers(dest="errand", metavar="list|rotate|passphrase", required=True)
    _add(errands, "list", "say which keys there are and what each does; never a key")
    rotate = _add(errands, "rotate", "let a new key sign or seal from now on; what the old one did holds")
    rotate.add_argument("kind", choices=("signing", "model", "backup"), help="which key")
    rotate.add_argument(
        "--at-once",
        action="store_true",
        help="end every token of the older signing keys: somebody may have one",
    )
    _add(errands, "passphrase", "give the vault another passphrase; in a pipe, one line")


def _add(errands: Parsers, name: str, help_text: str) -> argparse.ArgumentParser:
    parser = add_command(errands, name, help_text)
    add_key_file(parser, "keep keys here, not in the keyring or the vault")
    add_config(parser)
    return parser
