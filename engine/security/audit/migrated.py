"""The entry of a store that gets another schema."""

from __future__ import annotations

from engine.security.audit.log import AuditLog
from engine.security.audit.who import at_shell

MIGRATED = "migrated"
"""What the audit log calls it."""


def write_migrated(log: AuditLog, subject: str, before: int, after: int) -> None:
    """Write down that a store changes its schema.

    Raises:
        SecretsError: it can't be written.
    """
    log.write(at_shell(MIGRATED, subject, f"schema {before}", f"schema {after}"))
