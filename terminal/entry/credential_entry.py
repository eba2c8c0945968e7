"""Asks for a credential: at the terminal without showing it, or from a pipe."""

from __future__ import annotations

import sys

from engine.credentials import Credential
from engine.errors import ConfigError
from engine.shell.venues import KeyForm
from terminal.entry.hidden_entry import hidden

LENGTH_MAX = 8192
"""Longer is no key of any venue; a pipe is read no further."""
_INSTEAD = "give two lines in a pipe"
_PEM, _PEM_END = "-----BEGIN ", "-----END "


def asked_for(venue: str, form: KeyForm) -> Credential:
    """Ask for the credential of a venue; what is typed is not shown.

    Raises:
        ConfigError: nothing was given, or it is no key or no secret.
    """
    key, secret = _from_terminal(venue, form) if sys.stdin.isatty() else _from_pipe()
    return Credential(_checked(form.key, key), _checked(form.secret, _unescaped(secret)))


def _from_terminal(venue: str, form: KeyForm) -> tuple[str, str]:
    key = hidden(f"{form.key[0].upper()}{form.key[1:]} of {venue} (it is not shown): ", _INSTEAD)
    secret = hidden(f"Its {form.secret} (it is not shown): ", _INSTEAD)
    if secret.startswith(_PEM) and _PEM_END not in secret:
        raise ConfigError(
            "a secret of several lines can't be typed here; give it in one, with \\n for each end of a line, "
            "or in a pipe; nothing was changed"
        )
    return key, secret


def _from_pipe() -> tuple[str, str]:
    """Read the key from the first line and its secret from the next; a PEM has as many as it needs."""
    try:
        text = sys.stdin.read(2 * LENGTH_MAX)
    except ValueError:
        raise ConfigError(
            "expected two lines of text, the key and its secret, found something else"
        ) from None
    key, *rest = [line.strip() for line in text.splitlines() if line.strip()] or [""]
    if len(rest) != 1 and not (rest and rest[0].startswith(_PEM)):
        found = f"{len(rest) + bool(key)}"
        raise ConfigError(f"expected two lines in the pipe, the key and then its secret, found {found}")
    return key, "\n".join(rest)


def _unescaped(secret: str) -> str:
    """Return a PEM with lines of its own; files of venues write it in one line."""
    return secret.replace("\\n", "\n").strip() if secret.startswith(_PEM) else secret


def _checked(what: str, text: str) -> str:
    lines = text.split("\n") if text.startswith(_PEM) else [text]
    if not text:
        raise ConfigError(f"the {what} is empty; nothing was changed")
    if len(text) > LENGTH_MAX:
        raise ConfigError(f"the {what} is longer than {LENGTH_MAX} characters; nothing was changed")
    spaced = text.startswith(_PEM)
    if not all(line.isascii() and line.isprintable() and (spaced or " " not in line) for line in lines):
        raise ConfigError(f"the {what} holds a space or a character that no key has; nothing was changed")
    return text
