"""What a person types before something is taken or moved: why, and the word that confirms it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from engine.errors import ConfigError
from engine.model.text import clean

if TYPE_CHECKING:
    from engine.shell.operators import Role

    Who = Callable[[], tuple[str, Role | None]]

ACCEPT = "accept"
"""What is typed where something is taken as it stands."""


def check_typed(options: argparse.Namespace, word: str, does: str) -> None:
    """Have a word typed before anything is done: a model's name, where it is about one.

    Raises:
        ConfigError: something else was typed.
    """
    typed = options.confirm
    if typed is None:
        if sys.stdin.isatty():
            sys.stderr.write(f"Type {word} to {does}: ")
            sys.stderr.flush()
        typed = sys.stdin.readline(256).strip()
    if typed != word:
        raise ConfigError(f"expected {word} as a confirmation; nothing was changed")


def reason_of(options: argparse.Namespace) -> str:
    """Return why.

    Raises:
        ConfigError: nothing was said.
    """
    reason = clean(options.reason).strip()
    if not reason:
        raise ConfigError("--reason: expected why, in words; nothing was changed")
    return reason
