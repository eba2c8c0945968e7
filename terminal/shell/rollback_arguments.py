"""What can be said about going back to the version before."""

from __future__ import annotations

from terminal.shell.common_arguments import Parsers, add_config, add_key_file


def add_parsers(commands: Parsers) -> None:
    """Add this command to those of `touchline`."""
    parser = commands.add_parser(
        "rollback",
        help="go back to the version before, step by step",
        description="Stop, preserve, go back, verify, resume: eleven steps, each confirmed and in the audit log. "
        "What was broken off goes on where it was.",
        epilog="exit code: 0 nothing is left that can be done now, 1 a step failed or you stopped, 2 bad input",
    )
    parser.add_argument(
        "--reason", default="a new version does harm", metavar="TEXT", help="why; the desk shows it"
    )
    chosen = parser.add_mutually_exclusive_group()
    chosen.add_argument(
        "--list", action="store_true", help="show the steps and how far it is, and do nothing"
    )
    chosen.add_argument(
        "--yes", action="store_true", help="do not ask: stop orders, preserve what there is, and end there"
    )
    chosen.add_argument(
        "--post-mortem", action="store_true", help="only write down what is known of the last day"
    )
    add_key_file(parser, "our keys are kept here, not in the vault")
    add_config(parser)
