"""Asks at the terminal for what must not be seen there."""

from __future__ import annotations

import getpass
import warnings

from engine.errors import ConfigError


def hidden(prompt: str, instead: str) -> str:
    """Return what is typed, which is not shown; `instead` says what to do where a terminal shows it.

    Raises:
        ConfigError: this terminal can't hide it, or nothing was given.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("error", getpass.GetPassWarning)
        try:
            return getpass.getpass(prompt).strip()
        except getpass.GetPassWarning:
            raise ConfigError(f"this terminal can't hide what is typed; {instead}") from None
        except EOFError:
            raise ConfigError("nothing was given, and nothing was changed") from None


def hidden_twice(prompt: str, instead: str) -> str:
    """Return what is typed twice alike.

    Raises:
        ConfigError: it was not the same, or could not be asked for.
    """
    first = hidden(prompt, instead)
    if hidden("The same again: ", instead) != first:
        raise ConfigError("the two are not the same; nothing was changed")
    return first
