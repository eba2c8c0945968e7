"""What can be said about the way to a venue."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from engine.shell.venues import VenueNames

if TYPE_CHECKING:
    Parsers = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001  # it has no public name


def add_parsers(commands: Parsers) -> None:
    """Add this command to those of `touchline`."""
    parser = commands.add_parser(
        "connect",
        help="try the way to a venue, step by step, and say what to do where it fails",
        description="Try the way to a venue: names, connection, certificate, key, clock, permissions, data, and an "
        "order that is written and not sent. Nothing that could trade leaves. The exit code is 0 where all is well, "
        "1 where a step failed.",
    )
    parser.add_argument(
        "venue", choices=VenueNames(), metavar="VENUE", help=f"which one: {', '.join(VenueNames())}"
    )
    parser.add_argument("--check", action="store_true", required=True, help="try each step, once")
    parser.add_argument("--json", action="store_true", help="print the steps as JSON")
    parser.add_argument(
        "--key-file", type=Path, metavar="FILE", help="the key is kept here, not in the keyring"
    )
    parser.add_argument(
        "--config", type=Path, metavar="FILE", help="settings to use instead of your own config.toml"
    )
