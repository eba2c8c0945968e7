"""Which place keeps the secrets."""

from __future__ import annotations

from pathlib import Path

from engine.config import VaultSettings
from engine.environment import is_production
from engine.errors import ConfigError
from engine.ports.secrets import AskPassphrase, Secrets, SecretsError
from engine.security.vault.file_vault import FileVault
from engine.security.vault.key_file import KeyFile
from engine.security.vault.keyring_vault import KeyringVault


def nobody(place: str, *, new: bool) -> str:
    """Refuse to tell a passphrase: nobody is there who could be asked.

    Raises:
        SecretsError: always.
    """
    what = "a new passphrase" if new else "its passphrase"
    raise SecretsError(f"{place} needs {what}, and nobody can be asked for it here")


def secrets_in(vault: VaultSettings, key_file: str = "", ask: AskPassphrase = nobody) -> Secrets:
    """Return the key file of this path, else the vault that the settings name, else the session's keyring.

    Raises:
        ConfigError: a key file is not encrypted, which is refused in production.
    """
    if key_file and is_production():
        raise ConfigError(
            f"{key_file}: a key file is not encrypted, and this is production; "
            "keep secrets in the keyring, or in a vault ([vault] file)"
        )
    if key_file:
        return KeyFile(Path(key_file).expanduser())
    return FileVault(Path(vault.file).expanduser(), ask) if vault.file else KeyringVault()
