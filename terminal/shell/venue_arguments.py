"""What can be said about which venues there are."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from terminal.shell.common_arguments import Parsers


def add_parsers(commands: Parsers) -> None:
    """Add this command to those of `touchline`."""
    parser = commands.add_parser(
        "venues",
        help="which venues there are, what each can do, and where it comes from",
        description="List the venues: those that come with Touchline, and those that other packages bring.",
    )
    parser.add_argument("--json", action="store_true", help="print them as JSON")
