"""What can be said about alerts: to a desk that runs, about a rules file, and about the secret of webhooks."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

from terminal.shell.common_arguments import Parsers, add_command, add_config, add_key_file

NAMES = ("alerts",)
SILENCE_S_MAX = 86_400
_UNITS = {"s": 1, "m": 60, "min": 60, "h": 3600}


def add_parsers(commands: Parsers) -> None:
    """Add this command to those of `touchline`."""
    parser = commands.add_parser(
        "alerts",
        help="running desk: what is wrong, who has it, and answers to it",
        description="Say what is wrong by the alert rules; acknowledge or silence it.",
        epilog="exit code: 0 done, 1 not proven, or the file is wrong, 2 bad input, 3 no desk runs",
    )
    parser.add_argument("--json", action="store_true", help="print it as JSON")
    errands = parser.add_subparsers(dest="errand", metavar="ack|silence|reopen|check|prometheus|secret")
    _add_number(errands, "ack", "have an alert: it is told no more until it gets worse")
    silence = _add_number(errands, "silence", "hear nothing of an alert's cause for a while")
    silence.add_argument(
        "for_s", type=_seconds, metavar="TIME", help="how long, as 90s, 10m or 1h; a day at most"
    )
    _add_number(errands, "reopen", "take back that an alert was acknowledged or silenced")
    check = _add(errands, "check", "read a rules file without a desk, and print the rules that come of it")
    check.add_argument("file", nargs="?", type=Path, metavar="FILE", help="instead of your own alerts.toml")
    rules = _add(errands, "prometheus", "print the rules in force as a rules file of Prometheus")
    rules.add_argument("file", nargs="?", type=Path, metavar="FILE", help="instead of your own alerts.toml")
    secret = _add(errands, "secret", "make a new secret that webhooks are signed with, and print it once")
    add_key_file(secret, "it is kept here, not in the keyring")
    add_config(secret)


def _add(errands: Parsers, name: str, help_text: str) -> argparse.ArgumentParser:
    return add_command(errands, name, help_text)


def _add_number(errands: Parsers, name: str, help_text: str) -> argparse.ArgumentParser:
    parser = _add(errands, name, help_text)
    parser.add_argument("number", type=_number, metavar="ID", help="its number, with or without #")
    return parser


def _number(text: str) -> int:
    digits = text.removeprefix("#")
    if not (digits.isascii() and digits.isdigit() and int(digits[:18]) > 0 and len(digits) <= 15):
        raise argparse.ArgumentTypeError(f"expected the number of an alert, found {text!r}")
    return int(digits)


def _seconds(text: str) -> float:
    found = re.fullmatch(r"(\d{1,5})(s|m|min|h)", text.strip())
    seconds = int(found[1]) * _UNITS[found[2]] if found else 0
    if not 1 <= seconds <= SILENCE_S_MAX:
        raise argparse.ArgumentTypeError(
            f"expected a time such as 90s, 10m or 1h, a day at most, found {text!r}"
        )
    return float(seconds)
