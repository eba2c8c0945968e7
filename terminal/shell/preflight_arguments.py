"""What can be said about the checklist before real money is traded."""

from __future__ import annotations

import argparse
from pathlib import Path

from terminal.shell.common_arguments import Parsers, add_config, add_key_file

SECTIONS = (
    "security",
    "storage",
    "observability",
    "resilience",
    "trading",
    "models",
    "tests",
    "operations",
)


def add_parsers(commands: Parsers) -> None:
    """Add these commands to those of `touchline`."""
    _add_preflight(commands)
    _add_signoff(commands)


def _add_preflight(commands: Parsers) -> None:
    parser = commands.add_parser(
        "preflight",
        help="the checklist before real money is traded, judged now",
        description="Judge every item of the production checklist by what is there: pass, fail, waits for a person, "
        "not configured, not applicable, with what was looked at and what to do. The exit code is 1 where an item "
        "fails that keeps live trading disarmed (those with a !).",
    )
    parser.add_argument(
        "--live", action="store_true", help="ask the engine that runs, its exporter and its gateway too"
    )
    parser.add_argument("--section", choices=SECTIONS, metavar="NAME", help=f"one of {', '.join(SECTIONS)}")
    parser.add_argument(
        "--json", action="store_true", help="print it as JSON, signed where there is an audit key"
    )
    parser.add_argument("--html", type=Path, metavar="FILE", help="write it as a page to print or to keep")
    parser.add_argument(
        "--verify",
        type=Path,
        metavar="FILE",
        help="look whether a report kept as JSON is the one that was signed",
    )
    _add_places(parser)


def _add_signoff(commands: Parsers) -> None:
    parser = commands.add_parser(
        "signoff",
        help="vouch for an item of the checklist that no program can judge",
        description="Write it into the audit log that you vouch for an item of the checklist as it stands now. "
        "Where there are operators it takes your password; once what you looked at changes it counts no more.",
    )
    parser.add_argument(
        "items", nargs="+", metavar="ID", help="such as SIGN-1; several are signed at once, or none"
    )
    parser.add_argument(
        "--as", dest="capacity", required=True, metavar="ROLE", help="such as security, qa, risk, operations"
    )
    parser.add_argument("--operator", metavar="NAME", help="who signs (default: the user of this machine)")
    parser.add_argument("--live", action="store_true", help="look at the engine that runs too")
    _add_places(parser)


def _add_places(parser: argparse.ArgumentParser) -> None:
    add_key_file(parser, "our keys are kept here, not in the vault")
    add_config(parser)
