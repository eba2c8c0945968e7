"""Who says a command at a shell, proven where there are operators."""

from __future__ import annotations

import argparse
import os
from typing import TYPE_CHECKING

from engine.clock import SystemClock
from engine.config import Settings
from engine.errors import ConfigError
from engine.folders import Folders

if TYPE_CHECKING:
    from engine.credentials import AskPassphrase
    from engine.shell.operators import Role


def signer(
    options: argparse.Namespace, settings: Settings, folders: Folders, ask: AskPassphrase
) -> tuple[str, Role | None]:
    """Return who it is, once they have proven to be it; without operators it is whose shell this is.

    Raises:
        ConfigError: nothing was given, or an operator was named where there are none.
        EngineError: it is not that operator.
    """
    from engine.shell.operators import Operators, login_name  # noqa: PLC0415  # help needs none of it
    from terminal.entry.password_entry import own_password  # noqa: PLC0415

    name = options.operator or login_name()
    if not os.path.lexists(folders.operators):
        if options.operator:
            raise ConfigError("there are no operators; touchline setup makes the first")
        return name, None
    operators = Operators(folders, settings, SystemClock(), ask, options.key_file)
    known = {each.operator.name: each.operator for each in operators.all()}
    has_code = name in known and known[name].has_code
    password, code = own_password(name, wants_code=has_code)
    signed_in = operators.sign_in(name, password, code)
    return signed_in.operator.name, signed_in.operator.role
