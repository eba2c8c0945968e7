"""Lets one passphrase in an open file do for several commands, each of which reads it and closes the file."""

from __future__ import annotations

import os

from engine.config import VaultSettings
from terminal.entry.passphrase_entry import BYTES_MAX


class PassphraseAgain:
    """Reads the line before the first command, and hands it to each in an open file of the same number."""

    def __init__(self, vault: VaultSettings) -> None:
        self._descriptor = vault.passphrase_descriptor if vault.file else 0
        self._line: bytes | None = None

    def offer(self) -> None:
        """Have the file open for the next command; where there is none, that command says so itself."""
        if not self._descriptor:
            return
        if self._line is None:
            self._line = self._read()
        if self._line:
            self._open(self._line)

    def _read(self) -> bytes:
        try:
            with os.fdopen(self._descriptor, "rb") as file:
                return file.readline(BYTES_MAX + 1)
        except (OSError, ValueError, OverflowError):
            return b""

    def _open(self, line: bytes) -> None:
        read, write = os.pipe()
        os.write(write, line)
        os.close(write)
        if read != self._descriptor:
            os.dup2(read, self._descriptor, inheritable=False)
            os.close(read)
