"""Which place keeps the secrets."""

from __future__ import annotations

from pathlib import Path

from engine.ports.secrets import Secrets
from engine.security.vault.key_file import KeyFile
from engine.security.vault.keyring_vault import KeyringVault


def secrets_in(key_file: str) -> Secrets:
    """Return the key file of this path, or the session's keyring where it is empty."""
    return KeyFile(Path(key_file).expanduser()) if key_file else KeyringVault()
