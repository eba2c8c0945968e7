"""The audit log as a person asks for it: what is in it, and whether it is whole."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from engine.config import Settings
from engine.errors import ConfigError
from engine.folders import Folders
from engine.ports.secrets import AskPassphrase
from engine.security.audit.acceptance import AsItStands, as_it_stands
from engine.security.audit.entry import AuditBroken, Entry
from engine.security.audit.heads import Head, Verified, head_in, signed_head, verify
from engine.security.audit.log import NAME, entries_in
from engine.security.operators.roles import Role
from engine.security.vault.choice import nobody, secrets_in

__all__ = ("AsItStands", "AuditBroken", "AuditTrail", "Entry", "Head", "Verified")


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
        self._head = head_in(settings.backup.folder, folders.data)
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
        where = self._where(head)
        found = signed_head(where, self._secrets)
        if found is None and head is not None:
            raise AuditBroken(f"{where}: there is no signed head")
        return verify(self.path, found, str(where))

    def as_it_stands(self, head: Path | None = None) -> AsItStands:
        """Return how far the log goes, where it does not go on from the head that was signed last, or from another one.

        Raises:
            AuditBroken: the log itself is broken, or there is nothing to accept.
            SecretsError: something can't be read.
        """
        return as_it_stands(self.path, self._where(head), self._secrets)

    def _where(self, head: Path | None) -> Path:
        return head or self._head


def check_may_accept(role: Role | None) -> None:
    """Refuse who may not take a log as it stands; no role is a desk without operators.

    Raises:
        ConfigError: it is not theirs to take.
    """
    if role is not None and role not in {Role.RISK, Role.ADMIN}:
        raise ConfigError(f"a {role.value} does not take an audit log as it stands; risk and admin do")
