"""What seals an account's journal, and opens it again."""

from __future__ import annotations

from engine.config import Settings
from engine.ports.secrets import AskPassphrase
from engine.security.vault.choice import nobody, secrets_in
from engine.store.backup.keys import load_or_make_keys
from engine.store.cipher import Cipher

__all__ = ("Cipher", "journal_cipher")


def journal_cipher(settings: Settings, ask: AskPassphrase = nobody) -> Cipher | None:
    """Return what seals the journal, None where the settings leave it open; the first key is made.

    It is the key of backups: whoever keeps that can open both.

    Raises:
        SecretsError: the place that keeps the key can't be asked.
        BackupError: what is kept there is no key.
    """
    if not settings.journal.encrypt:
        return None
    return Cipher(load_or_make_keys(secrets_in(settings.vault, settings.backup.key_file, ask))[0])
