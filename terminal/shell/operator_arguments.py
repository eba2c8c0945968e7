"""What can be said about operators; never a password."""

from __future__ import annotations

import argparse

from terminal.shell.common_arguments import Parsers, add_command, add_config, add_key_file

ROLES = ("viewer", "trader", "risk", "admin")


def add_parsers(commands: Parsers) -> None:
    """Add this command to those of `touchline`."""
    parser = commands.add_parser(
        "operators",
        help="who may sign in at the desk, and for what",
        description="Say who may sign in, and for what. Where there are operators, a desk asks who it is before it opens.",
    )
    errands = parser.add_subparsers(
        dest="errand", metavar="add|list|remove|role|password|code", required=True
    )
    add = _add(errands, "add", "add an operator, and ask for its password; in a pipe, one line", name=True)
    add.add_argument("--role", choices=ROLES, default="trader", help="what it is there for (default trader)")
    add.add_argument("typed", nargs="*", help=argparse.SUPPRESS)
    _add(errands, "list", "say who the operators are, and who is locked out", name=False)
    _add(errands, "remove", "take an operator away", name=True)
    role = _add(errands, "role", "let an operator be there for something else", name=True)
    role.add_argument("role", choices=ROLES, help="what it is there for")
    password = _add(errands, "password", "give an operator another password, and let it in again", name=True)
    password.add_argument("typed", nargs="*", help=argparse.SUPPRESS)
    code = _add(errands, "code", "want a code besides the password, made by a device", name=True)
    code.add_argument("--off", action="store_true", help="want none any longer")


def _add(errands: Parsers, verb: str, help_text: str, *, name: bool) -> argparse.ArgumentParser:
    parser = add_command(errands, verb, help_text)
    if name:
        parser.add_argument("name", metavar="NAME", help="which operator")
    add_key_file(parser, "keep secrets of codes here, not in the keyring")
    add_config(parser)
    return parser
