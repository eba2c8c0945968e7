"""What `touchline models bars` does, and what it prints."""

from __future__ import annotations

import argparse
import sys

import msgspec

from terminal.format import counted
from terminal.shell.chosen_settings import chosen_settings
from terminal.shell.signal_words import moment, span
from terminal.shell.telling import say


def bars(options: argparse.Namespace) -> int:
    """Make bars of recordings, and say how many of which symbol there are."""
    from engine.shell.recorded.bars import make_bars  # noqa: PLC0415  # help needs none of it

    made = make_bars(options.files, options.bars, options.out, chosen_settings(options).market)
    if options.json:
        told = {
            "file": str(options.out), "interval_ns": made.interval_ns,
            "symbols": [each._asdict() for each in made.stretches], "left_out": made.left_out,
        }  # fmt: skip
        sys.stdout.write(f"{msgspec.json.format(msgspec.json.encode(told)).decode()}\n")
        return 0
    length = span(made.interval_ns)
    for each in made.stretches:
        say(
            f"{each.symbol}: {counted(each.bars, 'bar')} of {length}, "
            f"{moment(each.begin_ns)} to {moment(each.end_ns)}"
        )
    for reason, count in sorted(made.left_out.items()):
        say(f"  left out {count:>8,}  {reason.replace('_', ' ')}")
    return say(f'They are in {options.out}. In a spec: data = ["{options.out.name}"], bars = "{length}"')
