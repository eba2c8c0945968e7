"""Says commands in this process to a home whose secrets are in a vault, its passphrase in an open file."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path

from engine.security.vault.file_vault import FileVault
from terminal.__main__ import main

PASSPHRASE = "seven grey geese over Hull"


class VaultShell:
    """A home with a vault; each command has an open file of its own to read the passphrase from."""

    def __init__(self, root: Path) -> None:
        self.vault = root / "vault"
        self.settings = root / "home" / "config" / "config.toml"
        self.settings.parent.mkdir(parents=True)
        self.settings.write_text(f'[vault]\nfile = "{self.vault}"\n', encoding="utf-8")

    def make_cheap(self) -> None:
        """Make the vault at a cost that lets a test say many commands."""
        FileVault(self.vault, _passphrase, cost_log2=10).set("of-the-test", b"")

    def say(self, *arguments: str, passphrase: bytes = PASSPHRASE.encode(), given: str = "") -> int:
        """Say a command; return its exit code."""
        read, write = os.pipe()
        os.write(write, passphrase + b"\n")
        os.close(write)
        own = os.fstat(read)
        before, stdin = self.settings.read_text(encoding="utf-8"), sys.stdin
        self.settings.write_text(f"{before}passphrase_descriptor = {read}\n", encoding="utf-8")
        sys.stdin = io.StringIO(given)
        try:
            return main([*arguments])
        finally:
            sys.stdin = stdin
            self.settings.write_text(before, encoding="utf-8")
            _close(read, own)


def _passphrase(place: str, *, new: bool) -> str:  # noqa: ARG001  # the port's own
    return PASSPHRASE


def _close(descriptor: int, own: os.stat_result) -> None:
    """Close what no command has read; the number may be another thread's by now."""
    try:
        if os.path.samestat(os.fstat(descriptor), own):
            os.close(descriptor)
    except OSError:
        return
