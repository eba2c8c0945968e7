"""Asks for the passphrase of a vault: at the terminal without showing it, or from an open file."""

from __future__ import annotations

import os
import sys

from engine.config import VaultSettings
from engine.errors import ConfigError
from terminal.entry.hidden_entry import hidden, hidden_twice

BYTES_MAX = 4096
_INSTEAD = "let [vault] passphrase_descriptor name an open file"


class PassphraseEntry:
    """Asks once for each vault, and then knows; once a desk is drawn it asks no more."""

    def __init__(self, vault: VaultSettings) -> None:
        self._descriptor = vault.passphrase_descriptor
        self._known: dict[str, str] = {}
        self._is_closed = False

    def __call__(self, place: str, *, new: bool) -> str:
        """Return the passphrase of a place.

        Raises:
            ConfigError: nobody can be asked, or nothing was said.
        """
        if place not in self._known:
            self._known[place] = self._asked(place, new=new)
        return self._known[place]

    def close(self) -> None:
        """Ask no more: the screen belongs to the desk."""
        self._is_closed = True

    def _asked(self, place: str, *, new: bool) -> str:
        if self._is_closed:
            raise ConfigError(f"{place} needs its passphrase, which is asked for at a start alone")
        if self._descriptor:
            return _read(self._descriptor, place)
        if not sys.stdin.isatty():
            raise ConfigError(f"{place} needs its passphrase, and this is no terminal; {_INSTEAD}")
        if new:
            return hidden_twice(f"A new passphrase for {place} (it is not shown): ", _INSTEAD)
        return hidden(f"Passphrase of {place} (it is not shown): ", _INSTEAD)


def _read(descriptor: int, place: str) -> str:
    """Read the first line of an open file, and close it: nobody else is to find it there."""
    try:
        with os.fdopen(descriptor, "rb") as file:
            line = file.readline(BYTES_MAX + 1)
        text = line.decode().rstrip("\r\n")
    except (OSError, ValueError, OverflowError):
        raise ConfigError(
            f"{place} needs its passphrase; expected a line of text in the open file {descriptor}, which "
            "[vault] passphrase_descriptor names"
        ) from None
    if not text or len(line) > BYTES_MAX:
        raise ConfigError(
            f"expected a passphrase of 1 to {BYTES_MAX} bytes in the open file {descriptor}, found {len(line)}"
        )
    return text
