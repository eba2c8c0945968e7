"""What many commands take, said alike."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TypeAlias

Parsers: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"  # noqa: SLF001  # it has no public name
"""What commands are added to."""


def add_command(commands: Parsers, name: str, help_text: str, epilog: str = "") -> argparse.ArgumentParser:
    """Add a command whose help is one sentence, here and on its own page."""
    described = f"{help_text[0].upper()}{help_text[1:]}."
    return commands.add_parser(name, help=help_text, description=described, epilog=epilog or None)


def add_config(parser: argparse.ArgumentParser) -> None:
    """Take settings other than the user's own; see `chosen_settings.py`."""
    parser.add_argument(
        "--config", type=Path, metavar="FILE", help="settings to use instead of your own config.toml"
    )


def add_key_file(parser: argparse.ArgumentParser, help_text: str) -> None:
    """Take a file in the place of the keyring."""
    parser.add_argument("--key-file", type=Path, metavar="FILE", help=help_text)
