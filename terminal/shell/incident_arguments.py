"""What can be said about what was not well."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from terminal.shell.common_arguments import Parsers


def add_parsers(commands: Parsers) -> None:
    """Add this command to those of `touchline`."""
    parser = commands.add_parser(
        "incidents",
        help="what was not well, from when to when, newest first",
        description="Print what was not well, newest first, whether or not a desk runs.",
    )
    parser.add_argument(
        "--since",
        metavar="WHEN",
        help="only what went on then or began later: 30m, 12h, 7d ago, or a time such as 2026-11-24T14:30, UTC",
    )
    parser.add_argument("--component", metavar="NAME", default="", help="only this component, such as feed")
    parser.add_argument("--mode", metavar="MODE", default="", help="only this account: sim, paper")
    parser.add_argument("--json", action="store_true", help="print them as JSON")
