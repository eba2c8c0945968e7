"""Credentials of venues as a person asks for them: which venue, and which place keeps them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from engine.clock import SystemClock
from engine.config import Settings
from engine.folders import Folders
from engine.ports.secrets import AskPassphrase, Credential, Secrets, SecretsError
from engine.security.audit.log import NAME as AUDIT
from engine.security.audit.log import AuditLog
from engine.security.audit.who import at_shell
from engine.security.credentials import (
    CredentialUnreadable,
    forget_credential,
    keep_credential,
    read_credential,
)
from engine.security.vault.choice import nobody, secrets_in
from engine.security.vault.file_vault import FileVault

__all__ = ("AskPassphrase", "Credential", "CredentialUnreadable", "Credentials")


class Credentials:
    """The credentials in the place that the settings name, or in a key file."""

    def __init__(
        self,
        settings: Settings,
        key_file: Path | None = None,
        ask: AskPassphrase = nobody,
        folders: Folders | None = None,
    ) -> None:
        """With folders, what is kept and forgotten is in their audit log: which key, never its secret."""
        self._audit = AuditLog(folders.data / AUDIT, SystemClock()) if folders is not None else None
        self._secrets = secrets_in(settings.vault, str(key_file or settings.credentials.key_file), ask)

    def unlock(self) -> None:
        """Have a passphrase asked for now if one is needed: once the desk is drawn, nobody can be asked.

        Raises:
            SecretsError: it is wrong, or the place can't be read.
        """
        if isinstance(self._secrets, FileVault):
            self._secrets.unlock()

    @property
    def secrets(self) -> Secrets:
        """What keeps them, opened where `unlock` was called."""
        return self._secrets

    @property
    def place(self) -> str:
        """Where they are kept, in words."""
        return self._secrets.place

    def read(self, venue: str) -> Credential | None:
        """Return the credential of a venue, or None where there is none.

        Raises:
            CredentialUnreadable: something else is kept under its name.
            SecretsError: the place can't be asked.
        """
        return read_credential(self._secrets, venue)

    def keep(self, venue: str, credential: Credential) -> None:
        """Keep the credential of a venue in place of the one before.

        Raises:
            SecretsError: it could not be kept.
        """
        before = self._hint(venue)
        keep_credential(self._secrets, venue, credential)
        self._note("credential-kept", venue, before, credential.hint)

    def forget(self, venue: str) -> bool:
        """Forget the credential of a venue; tell whether there was one.

        Raises:
            SecretsError: the place can't be asked, or still has it.
        """
        before = self._hint(venue)
        was_kept = forget_credential(self._secrets, venue)
        if was_kept:
            self._note("credential-forgotten", venue, before, "")
        return was_kept

    def _hint(self, venue: str) -> str:
        try:
            found = self.read(venue) if self._audit is not None else None
        except CredentialUnreadable:
            return "unreadable"
        except SecretsError:  # what comes next says it
            return ""
        return found.hint if found is not None else ""

    def _note(self, what: str, venue: str, before: str, after: str) -> None:
        if self._audit is not None:
            self._audit.write(at_shell(what, venue, before, after))

    def kept(self, venues: Iterable[str]) -> Iterator[tuple[str, Credential | None]]:
        """Yield each of these venues that something is kept for, and its credential, or None for what can't be read.

        Raises:
            SecretsError: the place can't be asked.
        """
        for venue in venues:
            try:
                found = self.read(venue)
            except CredentialUnreadable:
                yield venue, None
            else:
                if found is not None:
                    yield venue, found
