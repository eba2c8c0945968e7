"""What can be said about the simulated market, with a desk or without one."""

from __future__ import annotations

import argparse
import math
from datetime import time


def pace(text: str) -> tuple[float, float | None]:
    """Read a speed: `10` is ten times as fast, `max` as fast as it can, `50000/s` events a second.

    Returns the speed (0 for max) and the events a second, if given.
    """
    if text == "max":
        return 0.0, None
    number, by_count = (text[:-2], True) if text.endswith("/s") else (text, False)
    try:
        value = float(number)
    except ValueError:
        value = math.nan
    if not (math.isfinite(value) and value > 0):
        raise argparse.ArgumentTypeError(
            f"expected a number above 0, max, or a rate such as 50000/s, found {text!r}"
        )
    return (1.0, value) if by_count else (value, None)


def time_of_day(text: str) -> time:
    """Read a time of day: `09:29`, or with seconds `09:29:45`."""
    try:
        return time.fromisoformat(text if len(text) in {5, 8} and text[2] == ":" else "")
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected a time of day such as 09:29, found {text!r}") from None


def add_simulation(parser: argparse.ArgumentParser) -> None:
    """Add how the simulated market is to be."""
    parser.add_argument(
        "--seed", type=int, default=1, metavar="N", help="the same seed is the same market (default 1)"
    )
    parser.add_argument(
        "--fresh", action="store_true", help="begin a new account instead of going on with the last one"
    )
    parser.add_argument(
        "--start",
        type=time_of_day,
        metavar="HH:MM",
        help="begin at this time of day in New York: 09:29 is before the open (default 13:30)",
    )
    add_speed(parser)


def add_speed(parser: argparse.ArgumentParser) -> None:
    """Add how fast time passes."""
    parser.add_argument(
        "--speed",
        type=pace,
        metavar="X",
        help="times as fast as the clock: 1, 10, max; or events a second: 50000/s (default 1, without a desk max)",
    )
