"""What can be said about the gateway's certificate."""

from __future__ import annotations

from terminal.shell.common_arguments import Parsers, add_config


def add_parsers(commands: Parsers) -> None:
    """Add this command to those of `touchline`."""
    parser = commands.add_parser(
        "cert",
        help="the certificate of the gateway",
        description="Make a certificate for development, which signs itself and is for this machine and 90 days, "
        "or say of the one that is there whose it is, who signed it, its fingerprint and the days left.",
    )
    parser.add_argument(
        "errand",
        nargs="?",
        choices=("make", "show"),
        default="make",
        help="make one (the default), or show it",
    )
    parser.add_argument(
        "--name",
        action="append",
        default=[],
        metavar="HOST",
        help="make: another host or address that it is for; may be said again",
    )
    parser.add_argument("--force", action="store_true", help="make: replace what is there, which is kept")
    add_config(parser)
