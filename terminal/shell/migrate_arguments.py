"""What can be said about the schemas of what is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from terminal.shell.common_arguments import Parsers


def add_parsers(commands: Parsers) -> None:
    """Add this command to those of `touchline`."""
    parser = commands.add_parser(
        "migrate",
        help="bring what is kept to the schema of this program, or of an older one",
        description="Say which schema each store has, and bring it to another: this program's, or an older one's before "
        "that is installed. Each is copied first, the copy is kept, and the new one takes its place at once. "
        "The desk must be closed.",
        epilog="exit code: 0 every store has its schema, 1 --check and one has not, 2 refused or bad input",
    )
    chosen = parser.add_mutually_exclusive_group()
    chosen.add_argument("--to", type=int, metavar="N", help="this schema")
    chosen.add_argument(
        "--for", dest="version", metavar="VERSION", help="what this version of the program reads and writes"
    )
    parser.add_argument(
        "--store",
        choices=("journal", "operators"),
        default="journal",
        help="what --to is about (default: journal)",
    )
    parser.add_argument(
        "--check", action="store_true", help="only say what there is and what it would become"
    )
    parser.add_argument(
        "--allow-loss",
        action="store_true",
        help="leave out what an older schema can't hold, and write it into a file beside the backup",
    )
    parser.add_argument("--json", action="store_true", help="print it as JSON")
