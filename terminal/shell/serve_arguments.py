"""What can be said about an engine without a desk, which programs speak to."""

from __future__ import annotations

from terminal.shell.common_arguments import Parsers, add_config
from terminal.shell.live_arguments import add_market
from terminal.shell.simulation_arguments import add_simulation


def add_parsers(commands: Parsers) -> None:
    """Add this command to those of `touchline`."""
    parser = commands.add_parser(
        "serve",
        help="an engine without a desk, which other programs reach over HTTP and WebSocket",
        description="Run an engine without a desk, and let other programs reach it over HTTP and WebSocket, where "
        "[gateway] of the settings says: quotes, orders, positions, risk. Who asks signs in as an operator; touchline "
        "setup makes the first one. It ends in order when it is told to (Ctrl-C, SIGTERM).",
    )
    markets = parser.add_subparsers(dest="market", metavar="demo|live", required=True)
    demo = markets.add_parser("demo", help="on the simulated market")
    add_simulation(demo)
    live = markets.add_parser("live", help="on a venue's live market data")
    add_market(live)
    for each in (demo, live):
        add_config(each)
