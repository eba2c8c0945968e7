"""What a person types before a model is moved: why, and the word that confirms it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from engine.errors import ConfigError
from engine.model.text import clean

if TYPE_CHECKING:
    from engine.shell.models import Move
    from engine.shell.operators import Role

    Who = Callable[[], tuple[str, Role | None]]


def decided(options: argparse.Namespace, who: Who, move: Move) -> str:
    """Return who decides, once they have typed the model's name and proven to be somebody who may.

    Raises:
        ConfigError: they may not, or typed something else.
    """
    from engine.shell.models import check_may  # noqa: PLC0415  # help needs none of it

    decider, role = who()
    check_may(move, role)
    check_typed(options, options.name, f"{move.value} it")
    return decider


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
