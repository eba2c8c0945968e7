"""Asks for passwords: a new one at the terminal or in a pipe, and who it is before a desk opens."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from engine.clock import SystemClock
from engine.config import Settings
from engine.errors import ConfigError
from engine.folders import Folders
from terminal.entry.hidden_entry import hidden, hidden_twice

if TYPE_CHECKING:
    from engine.credentials import AskPassphrase
    from engine.shell.operators import Operators, SignedIn

LENGTH_MAX = 4096
TRIES = 3
"""After so many the program ends; the engine's own count goes on."""
_INSTEAD = "give it in a pipe, one line"
_CODE = "Code, or Enter where you have none: "


def new_password(name: str) -> str:
    """Ask for a new password: twice at a terminal, or the first line of a pipe.

    Raises:
        ConfigError: nothing was given, or it was not the same twice.
    """
    if sys.stdin.isatty():
        return hidden_twice(f"A new password for {name} (it is not shown): ", _INSTEAD)
    try:
        line = sys.stdin.readline(LENGTH_MAX)
    except ValueError:
        raise ConfigError("expected a password as a line of text, found something else") from None
    if not line.strip():
        raise ConfigError("expected a password in the pipe, found nothing; nothing was changed")
    return line.rstrip("\r\n")


def own_password(name: str, *, wants_code: bool, is_sure: bool = True) -> tuple[str, str]:
    """Ask an operator for the password and, where one is wanted, the code, as far as that is sure; in a pipe they are a line each.

    Raises:
        ConfigError: this terminal can't hide what is typed, or nothing was given.
    """
    if sys.stdin.isatty():
        password = hidden(f"Password of {name} (it is not shown): ", _INSTEAD)
        return password, hidden("Code: " if is_sure else _CODE, _INSTEAD) if wants_code else ""
    lines = [sys.stdin.readline(LENGTH_MAX).rstrip("\r\n") for _ in range(1 + wants_code)]
    return lines[0], lines[-1] if wants_code else ""


def operator_name() -> str:
    """Ask which operator it is; in a pipe it is the first line."""
    if sys.stdin.isatty():
        sys.stderr.write("Operator: ")
        sys.stderr.flush()
    return sys.stdin.readline(LENGTH_MAX).strip()


class Entrance(NamedTuple):
    """Who came in, and how to tell that it is the same one later."""

    who: SignedIn
    judge: Callable[[str, str], SignedIn]
    """Judges a password and a code."""
    migrated: str = ""
    """What was brought from an older schema on the way in, in a sentence; empty for nothing."""


def entrance(settings: Settings, folders: Folders, ask: AskPassphrase) -> Entrance | None:
    """Ask who it is, where there are operators; the desk is not drawn yet.

    Raises:
        ConfigError: it is nobody who may sign in.
        EngineError: too many tries failed; says how long to wait.
    """
    if not os.path.lexists(folders.operators):
        return None
    from engine.shell.operators import Operators, SignInRefused  # noqa: PLC0415  # only where there are some

    operators = Operators(folders, settings, SystemClock(), ask)
    for _ in range(TRIES):
        try:
            who = _asked(operators)
        except SignInRefused as refused:
            sys.stderr.write(f"touchline: {refused}\n")
        else:
            return Entrance(who, partial(operators.sign_in, who.operator.name), operators.migrated)
    raise ConfigError("nobody signed in")


def named_judge(
    settings: Settings, folders: Folders, ask: AskPassphrase
) -> Callable[[str, str, str], SignedIn]:
    """Return what judges a name, a password and a code, where nobody signs in."""
    from engine.shell.operators import Operators  # noqa: PLC0415  # only where there are some

    return Operators(folders, settings, SystemClock(), ask).sign_in


def _asked(operators: Operators) -> SignedIn:
    try:
        name = input("Operator: ").strip()
    except EOFError:
        raise ConfigError("nobody signed in") from None
    password = hidden("Password (it is not shown): ", _INSTEAD)
    code = ""
    if any(each.operator.has_code for each in operators.all()):
        code = hidden(_CODE, _INSTEAD)
    return operators.sign_in(name, password, code)
