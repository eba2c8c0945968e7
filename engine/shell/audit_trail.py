"""The audit log as a person asks for it: what is in it, and whether it is whole."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from engine.config import Settings
from engine.folders import Folders
from engine.ports.secrets import AskPassphrase
from engine.security.audit.entry import AuditBroken, Entry
from engine.security.audit.heads import NAME as HEAD_NAME
from engine.security.audit.heads import Head, Verified, load_key, read_head, verify
from engine.security.audit.log import NAME, entries_in
from engine.security.vault.choice import nobody, secrets_in

__all__ = ("AuditBroken", "AuditTrail", "Entry", "Head", "Verified")


class AuditTrail:
    """The audit log of one data folder."""

    def __init__(
        self,
        folders: Folders,
        settings: Settings,
        ask: AskPassphrase = nobody,
        key_file: Path | None = None,
    ) -> None:
        self.path = folders.data / NAME
        """The log."""
        backups = settings.backup.folder
        self._head = (Path(backups).expanduser() if backups else folders.data / "backups") / HEAD_NAME
        self._secrets = secrets_in(settings.vault, str(key_file or settings.backup.key_file), ask)

    def entries(self) -> Iterator[Entry]:
        """Yield what is in the log, each entry held against the one before it.

        Raises:
            AuditBroken: says where the chain breaks.
            SecretsError: the log can't be read.
        """
        return entries_in(self.path)

    def verify(self, head: Path | None = None) -> Verified:
        """Check every entry, and hold the log against the head that the last backup signed, or another one.

        Raises:
            AuditBroken: says where the chain breaks, or that a head was not signed by our key.
            SecretsError: something can't be read, or no key is there to judge a head by.
        """
        where = head or self._head
        if not where.exists():
            if head is not None:
                raise AuditBroken(f"{where}: there is no signed head")
            return verify(self.path)
        key = load_key(self._secrets)
        if key is None:
            raise AuditBroken(
                f"{where} is signed, but {self._secrets.place} holds no audit key to judge it by"
            )
        return verify(self.path, read_head(where, key), str(where))
