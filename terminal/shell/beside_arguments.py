"""What can be said to run beside a desk."""

from __future__ import annotations

import argparse


def add_serve(parser: argparse.ArgumentParser) -> None:
    """Add that programs may reach the engine of a desk."""
    parser.add_argument(
        "--serve",
        action="store_true",
        help="let other programs reach it over HTTP and WebSocket, as touchline serve does without a desk",
    )
