"""What the command about operators does, and what it prints."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from engine.clock import SystemClock
from engine.errors import ConfigError
from engine.folders import standard_folders
from terminal.shell.chosen_settings import chosen_settings
from terminal.shell.telling import say

if TYPE_CHECKING:
    from engine.shell.operators import Operators


def operators(options: argparse.Namespace) -> int:
    """Add, list, remove or change operators."""
    return _ERRANDS[options.errand](options, _operators(options))


RUN: Mapping[str, Callable[[argparse.Namespace], int]] = {"operators": operators}
"""The function of each command."""


def _add(options: argparse.Namespace, who: Operators) -> int:
    from engine.shell.operators import Role  # noqa: PLC0415  # help needs none of it

    who.add(options.name, Role(options.role), _password(options))
    return say(f"{options.name} may sign in, as {options.role}. A desk that is opened now asks who it is.")


def _list(_options: argparse.Namespace, who: Operators) -> int:
    rows = who.all()
    if not rows:
        return say(
            "There are no operators: the desk asks nobody who it is. touchline setup makes the first one."
        )
    for operator, locked_s in rows:
        code = "  with a code" if operator.has_code else ""
        locked = f"  locked out for {locked_s // 60}:{locked_s % 60:02}" if locked_s else ""
        say(f"{operator.name:20} {operator.role.value}{code}{locked}")
    return 0


def _remove(options: argparse.Namespace, who: Operators) -> int:
    who.remove(options.name)
    return say(
        f"{options.name} may no longer sign in. A desk that runs in this name is locked within a second."
    )


def _role(options: argparse.Namespace, who: Operators) -> int:
    from engine.shell.operators import Role  # noqa: PLC0415

    who.set_role(options.name, Role(options.role))
    return say(f"{options.name} is {options.role} from now on, at a desk that runs too.")


def _set_password(options: argparse.Namespace, who: Operators) -> int:
    who.set_password(options.name, _password(options))
    return say(f"{options.name} has another password, and may try again at once.")


def _code(options: argparse.Namespace, who: Operators) -> int:
    if options.off:
        who.drop_code(options.name)
        return say(f"{options.name} signs in without a code.")
    address = who.want_code(options.name)
    return say(
        f"Let the device of {options.name} read this, and nobody else; it is not shown again:\n{address}"
    )


_ERRANDS: Mapping[str, Callable[[argparse.Namespace, Operators], int]] = {
    "add": _add,
    "list": _list,
    "remove": _remove,
    "role": _role,
    "password": _set_password,
    "code": _code,
}


def _password(options: argparse.Namespace) -> str:
    from terminal.entry.password_entry import new_password  # noqa: PLC0415

    if options.typed:
        raise ConfigError(
            "a password is never taken from the command line, which the shell's history and other programs see: "
            "it is asked for. If what you typed is a real one, take another"
        )
    return new_password(options.name)


def _operators(options: argparse.Namespace) -> Operators:
    from engine.shell.operators import Operators  # noqa: PLC0415  # help needs none of it
    from terminal.entry.passphrase_entry import PassphraseEntry  # noqa: PLC0415

    folders = standard_folders()
    settings = chosen_settings(options)
    return Operators(folders, settings, SystemClock(), PassphraseEntry(settings.vault), options.key_file)
