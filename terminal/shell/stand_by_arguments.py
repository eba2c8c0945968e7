"""What can be said about standing by for another desk."""

from __future__ import annotations

from terminal.shell.common_arguments import Parsers, add_config
from terminal.shell.live_arguments import add_market
from terminal.shell.simulation_arguments import add_simulation


def add_parsers(commands: Parsers) -> None:
    """Add this command to those of `touchline`."""
    parser = commands.add_parser(
        "stand-by",
        help="take an account over once the desk that has it is gone; no screen",
        description="Follow the journal of the account that another desk has, and go on with it once that desk is gone, "
        "without a screen. ^C or SIGTERM ends it.",
    )
    markets = parser.add_subparsers(dest="market", metavar="demo|live", required=True)
    demo = markets.add_parser("demo", help="the account on the simulated market")
    add_simulation(demo)
    live = markets.add_parser("live", help="the account on a venue's live market data")
    add_market(live)
    for each in (demo, live):
        add_config(each)
        each.add_argument(
            "--serve",
            action="store_true",
            help="let other programs reach it over HTTP and WebSocket once the account is taken over",
        )
