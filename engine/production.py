"""What production does without: debugging, logs that tell more than the log, a market that is none."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Final

from engine.environment import is_production
from engine.errors import ConfigError

DEBUGGING: Final = (
    "PYTHONASYNCIODEBUG",
    "PYTHONDEVMODE",
    "PYTHONINSPECT",
    "TEXTUAL",
    "TEXTUAL_DEBUG",
    "TEXTUAL_DRIVER",
)
"""Environment variables that make the program debug."""
LOUD: Final = ("SSLKEYLOGFILE", "TEXTUAL_LOG", "PYTHONVERBOSE", "PYTHONTRACEMALLOC", "HTTPX_LOG_LEVEL")
"""Those that make what is below it write down what nobody should read: the keys of connections, every event."""


def refuse_debugging(surroundings: Mapping[str, str] | None = None) -> None:
    """Look for what makes a program in production debug, or log too much.

    Raises:
        ConfigError: there is such a variable, and this is production.
    """
    around = os.environ if surroundings is None else surroundings
    found = [name for name in (*DEBUGGING, *LOUD) if around.get(name)]
    if found and is_production(around):
        raise ConfigError(f"{', '.join(found)}: this is for development, and this is production; unset it")


def refuse_simulation() -> None:
    """Keep the simulated market out of production, where somebody might take it for one.

    Raises:
        ConfigError: this is production.
    """
    if is_production():
        raise ConfigError(
            "the simulated market is not for production; touchline live VENUE SYMBOL opens a real one, "
            "and ENVIRONMENT says where this is"
        )
