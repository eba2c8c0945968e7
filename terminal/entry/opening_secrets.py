"""What is asked for before an engine opens an account, since nobody can be asked afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.config import Settings

if TYPE_CHECKING:
    from engine.account.journal_cipher import Cipher
    from engine.credentials import AskPassphrase, Credentials


def credentials_of(settings: Settings, ask: AskPassphrase) -> Credentials:
    """Return the credentials of venues and of Redis, the passphrase of their vault asked for at once."""
    from engine.credentials import Credentials  # noqa: PLC0415  # the first paint waits for it only where it is needed

    credentials = Credentials(settings, ask=ask)
    if settings.vault.file:
        credentials.unlock()
    return credentials


def cipher_of(settings: Settings, ask: AskPassphrase) -> Cipher | None:
    """Return what seals the journal, its key asked for before the desk takes the screen."""
    if not settings.journal.encrypt:
        return None
    from engine.account.journal_cipher import journal_cipher  # noqa: PLC0415  # the first paint waits for it only where it is needed

    return journal_cipher(settings, ask)
