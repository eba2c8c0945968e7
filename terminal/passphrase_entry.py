"""Asks for the passphrase of a vault: at the terminal without showing it, or from an open file."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from engine.config import VaultSettings
from engine.errors import ConfigError
from terminal.hidden_entry import hidden, hidden_twice

if TYPE_CHECKING:
    from engine.credentials import AskPassphrase

BYTES_MAX = 4096
_INSTEAD = "let [vault] passphrase_descriptor name an open file"


def passphrase_from(vault: VaultSettings) -> AskPassphrase:
    """Return what asks for the passphrase, in the way that the settings say; it asks once, and then knows."""
    known: dict[str, str] = {}

    def ask(place: str, *, new: bool) -> str:
        if place not in known:
            known[place] = asked(place, new=new)
        return known[place]

    def asked(place: str, *, new: bool) -> str:
        if vault.passphrase_descriptor:
            return _read(vault.passphrase_descriptor, place)
        if not sys.stdin.isatty():
            raise ConfigError(f"{place} needs its passphrase, and this is no terminal; {_INSTEAD}")
        if new:
            return hidden_twice(f"A new passphrase for {place} (it is not shown): ", _INSTEAD)
        return hidden(f"Passphrase of {place} (it is not shown): ", _INSTEAD)

    return ask


def _read(descriptor: int, place: str) -> str:
    """Read the first line of an open file, and close it: nobody else is to find it there."""
    try:
        with os.fdopen(descriptor, "rb") as file:
            line = file.readline(BYTES_MAX + 1)
        text = line.decode().rstrip("\r\n")
    except (OSError, ValueError, OverflowError):
        raise ConfigError(
            f"{place} needs its passphrase: expected a line of text in the open file {descriptor}, which "
            "[vault] passphrase_descriptor names"
        ) from None
    if not text or len(line) > BYTES_MAX:
        raise ConfigError(
            f"expected a passphrase of 1 to {BYTES_MAX} bytes in the open file {descriptor}, found {len(line)}"
        )
    return text
