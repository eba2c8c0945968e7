"""The audit log taken as it stands, by a person, where it does not go on from the head that was signed last."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from engine.clock import NS_PER_S, Clock
from engine.ports.secrets import Secrets, SecretsError
from engine.security.audit.entry import Act, AuditBroken
from engine.security.audit.heads import (
    Head,
    Verified,
    export_head,
    load_or_make_key,
    signed_head,
    unproven_head,
    verify,
)
from engine.security.audit.log import AuditLog

ACCEPTED: Final = "audit-accepted"
"""Somebody took the log as it stood: the head of before signs another one, or another key signed it."""
_DIGITS: Final = 16


@dataclass(frozen=True, slots=True)
class AsItStands:
    """How far the log goes, and what is wrong between it and the head."""

    log: Verified
    why: str
    """Why the log is not the one that was signed."""
    head: Head | None
    """As it stands there, whoever signed it; None where it is none."""
    _path: Path
    _head_path: Path
    _secrets: Secrets

    def accept(self, who: str, reason: str, clock: Clock) -> tuple[Head, Path]:
        """Write it down, move the head aside and sign the log from here on; return the new head, and where the old one is.

        Raises:
            SecretsError: something can't be written, or the place that keeps the key can't be asked.
        """
        key = load_or_make_key(self._secrets)[0]
        AuditLog(self._path, clock).write(
            Act(
                who=who,
                what=ACCEPTED,
                origin="shell",
                subject=_place(self.log.entries, self.log.hash),
                before=_signed(self.head) if self.head is not None else "a head that is none",
                after=reason,
            )
        )
        aside = self._head_path.with_name(f"{self._head_path.name}.before-{_moment(clock.now_ns())}")
        try:
            self._head_path.rename(aside)
        except OSError as error:
            raise SecretsError(f"{self._head_path}: {error.strerror or error}") from error
        head = export_head(self._path, self._head_path, key, clock)
        assert head is not None, "an entry was written"
        return head, aside


def as_it_stands(log: Path, head: Path, secrets: Secrets) -> AsItStands:
    """Return how far a log goes, where it is not the one that was signed.

    Raises:
        AuditBroken: the log itself is not what was written, or it goes on from the head: there is nothing to accept.
        SecretsError: something can't be read, or the place that keeps the key can't be asked.
    """
    found = verify(log)
    try:
        if (signed := signed_head(head, secrets)) is not None:
            verify(log, signed, str(head))
    except AuditBroken as error:
        return AsItStands(found, str(error), unproven_head(head), log, head, secrets)
    if signed is None:
        raise AuditBroken(
            f"{head}: there is no signed head, so there is nothing to accept; --head names another"
        )
    raise AuditBroken("the audit log is the one that was signed; there is nothing to accept")


def _signed(head: Head) -> str:
    at = f"{datetime.fromtimestamp(head.signed_ns // NS_PER_S, tz=UTC):%Y-%m-%dT%H:%M:%SZ}"
    return f"{_place(head.number, head.hash)}, signed at {at} by the audit key {head.key}"


def _place(number: int, digest: str) -> str:
    return f"entry {number} {digest[:_DIGITS]}".rstrip()


def _moment(now_ns: int) -> str:
    return f"{datetime.fromtimestamp(now_ns // NS_PER_S, tz=UTC):%Y%m%dT%H%M%SZ}"
