"""What can be said about the audit log."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    Parsers = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001  # it has no public name


def add_parsers(commands: Parsers) -> None:
    """Add this command to those of `touchline`."""
    parser = commands.add_parser(
        "audit",
        help="who did what to the account's controls, and whether that record is whole",
        description="Read the audit log: who did what, from where, before and after.",
    )
    errands = parser.add_subparsers(dest="errand", metavar="verify|show", required=True)
    verify = _add(errands, "verify", "check that nothing in it was changed, removed, moved or cut off")
    verify.add_argument(
        "--head", type=Path, metavar="FILE", help="a signed head (default: the one in the backup folder)"
    )
    show = _add(errands, "show", "print the newest entries, oldest first")
    show.add_argument("--last", type=int, default=50, metavar="N", help="how many (default 50)")


def _add(errands: Parsers, name: str, help_text: str) -> argparse.ArgumentParser:
    parser = errands.add_parser(name, help=help_text, description=f"{help_text[0].upper()}{help_text[1:]}.")
    parser.add_argument("--json", action="store_true", help="print it as JSON")
    parser.add_argument(
        "--key-file", type=Path, metavar="FILE", help="the audit key is kept here, not in the keyring"
    )
    parser.add_argument(
        "--config", type=Path, metavar="FILE", help="settings to use instead of your own config.toml"
    )
    return parser
