"""What can be said about backups."""

from __future__ import annotations

import argparse
import re
from datetime import UTC, datetime
from pathlib import Path

from terminal.shell.common_arguments import Parsers, add_command, add_config, add_key_file

_NS_FROM = 10**15
"""A whole number from here on is a time in ns; no journal has so many records."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def add_parsers(commands: Parsers) -> None:
    """Add these commands to those of `touchline`."""
    backup = _add(commands, "backup", "seal what is new of the journal and the settings into a backup")
    backup.add_argument("--to", type=Path, metavar="FOLDER", help="where to (default: [backup] folder)")
    backup.add_argument("--base", action="store_true", help="everything, not only what is new")
    backup.add_argument("--list", action="store_true", help="say what is kept, and back nothing up")
    backup.add_argument("--json", action="store_true", help="print it as JSON")
    keys = backup.add_mutually_exclusive_group()
    keys.add_argument(
        "--rotate-key", action="store_true", help="make a new key first; old backups still open"
    )
    keys.add_argument(
        "--copy-key", type=Path, metavar="FILE", help="copy the keys to a file, and nothing else"
    )
    restore = _add(commands, "restore", "put an account back as it was; the desk must be closed")
    restore.add_argument(
        "--to",
        type=point,
        required=True,
        metavar="POINT",
        help="a record's number, a time such as 2026-03-02T14:30 (UTC), or newest",
    )
    _add_from(restore)
    restore.add_argument("--json", action="store_true", help="print what was restored as JSON")
    drill = _add(commands, "drill", "prove that the backup can be restored, and how long it takes")
    _add_from(drill)
    drill.add_argument("--json", action="store_true", help="print it as JSON")


def point(text: str) -> tuple[int | None, int | None]:
    """Read a point to restore to; return a record's number or a time in ns, neither for the newest."""
    if text == "newest":
        return None, None
    if re.fullmatch(r"[0-9]{1,19}", text) and int(text):
        value = int(text)
        return (None, value) if value >= _NS_FROM else (value, None)
    try:
        moment = datetime.fromisoformat(text)
        since = moment.replace(tzinfo=moment.tzinfo or UTC) - _EPOCH
    except (ValueError, OverflowError):
        raise argparse.ArgumentTypeError(
            f"expected a record's number, a time such as 2026-03-02T14:30, or newest, found {text!r}"
        ) from None
    return None, ((since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds) * 1000


def _add(commands: Parsers, name: str, help_text: str) -> argparse.ArgumentParser:
    parser = add_command(commands, name, help_text)
    parser.add_argument("--mode", metavar="ACCOUNT", help="which account (default: each, or the only one)")
    add_key_file(parser, "keep the keys here, not in the keyring")
    add_config(parser)
    return parser


def _add_from(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--from",
        dest="source",
        type=Path,
        metavar="FOLDER",
        help="where the backup is (default: [backup] folder)",
    )
