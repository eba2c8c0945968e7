"""Signed heads: which entry was the last one at a time, so that a log that was cut off or written anew is found out.

A head is signed with Ed25519 (RFC 8032). The key is in the vault: who can write to the log can't make a head for another one.
"""

from __future__ import annotations

import secrets as randomness
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from engine.clock import Clock
from engine.model.undecodable import UNDECODABLE
from engine.ports.secrets import Secrets, SecretsError
from engine.security.audit.entry import AuditBroken, Entry
from engine.security.audit.log import OPENED, entries_in
from engine.security.private_file import read_private, write_private

NAME: Final = "audit.head"
SECRET_NAME: Final = "audit-key"  # noqa: S105  # the name, not the secret
KEY_BYTES: Final = 32
_DOMAIN: Final = b"touchline audit head\0"


class Head(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The last entry at a time."""

    number: int
    hash: str
    signed_ns: int
    key: str
    """Which key signed it."""
    signature: str = ""

    def signed(self) -> bytes:
        """Return what the signature is over."""
        return _DOMAIN + msgspec.json.encode(msgspec.structs.replace(self, signature=""))


class AuditKey:
    """The key that signs heads."""

    def __init__(self, private: bytes) -> None:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import (  # noqa: PLC0415  # only where it is needed
            Ed25519PrivateKey,
        )

        self._private = Ed25519PrivateKey.from_private_bytes(private)
        self._public = self._private.public_key()
        self.id: Final = sha256(self._public.public_bytes_raw()).hexdigest()[:16]
        """Tells keys apart."""

    def sign(self, number: int, entry_hash: str, signed_ns: int) -> Head:
        """Sign the last entry."""
        head = Head(number=number, hash=entry_hash, signed_ns=signed_ns, key=self.id)
        return msgspec.structs.replace(head, signature=self._private.sign(head.signed()).hex())

    def vouch(self, purpose: bytes, content: bytes) -> str:
        """Sign something else than a head, for a purpose of its own."""
        return self._private.sign(_vouched(purpose, content)).hex()

    def vouches(self, purpose: bytes, content: bytes, signature: str) -> bool:
        """Tell whether this key signed that, for that purpose."""
        from cryptography.exceptions import InvalidSignature  # noqa: PLC0415

        try:
            self._public.verify(bytes.fromhex(signature), _vouched(purpose, content))
        except (InvalidSignature, ValueError):
            return False
        return True

    def check(self, head: Head, place: str) -> None:
        """Look whether this key signed a head.

        Raises:
            AuditBroken: it did not.
        """
        from cryptography.exceptions import InvalidSignature  # noqa: PLC0415

        try:
            self._public.verify(bytes.fromhex(head.signature), head.signed())
        except (InvalidSignature, ValueError):
            raise AuditBroken(f"{place} was not signed by the audit key {self.id}") from None


def _vouched(purpose: bytes, content: bytes) -> bytes:
    """Return what a signature is over: none of one purpose can stand for another."""
    return b"touchline " + purpose + b"\0" + content


def load_or_make_key(secrets: Secrets) -> tuple[AuditKey, bool]:
    """Read the key, or make it; tell whether it is new.

    Raises:
        SecretsError: the place can't be asked, or what is kept there is no key.
    """
    if (key := load_key(secrets)) is not None:
        return key, False
    kept = randomness.token_bytes(KEY_BYTES)
    secrets.set(SECRET_NAME, kept)
    return AuditKey(kept), True


def load_key(secrets: Secrets) -> AuditKey | None:
    """Read the key, or None where there is none.

    Raises:
        SecretsError: the place can't be asked, or what is kept there is no key.
    """
    kept = secrets.get(SECRET_NAME)
    if kept is not None and len(kept) != KEY_BYTES:
        raise SecretsError(f"{secrets.place} holds {len(kept)} bytes as the audit key, expected {KEY_BYTES}")
    return AuditKey(kept) if kept is not None else None


class Verified(Struct, frozen=True, kw_only=True):
    """A log that is whole, and how far a head vouches for it."""

    entries: int
    hash: str
    """Of the last entry."""
    last_ns: int
    head: Head | None = None
    torn_bytes: int = 0
    """Half an entry at the end, as a crash leaves it: nobody was told of it, and the next entry takes its place."""


def verify(log: Path, head: Head | None = None, head_place: str = "") -> Verified:
    """Check every entry of a log, and that a head is about one of them.

    Raises:
        AuditBroken: says where the chain breaks: changed, removed, moved, cut off, or written anew.
        SecretsError: the file can't be read.
    """
    number, last_hash, last_ns, length = 0, "", 0, 0
    size = _size_of(log)
    for entry in entries_up_to(log, head, head_place):
        number, last_hash, last_ns = entry.number, entry.hash, entry.time_ns
        length += len(entry.line())
    torn = max(0, size - length)
    return Verified(entries=number, hash=last_hash, last_ns=last_ns, head=head, torn_bytes=torn)


def entries_up_to(log: Path, head: Head | None, head_place: str) -> Iterator[Entry]:
    """Yield the entries of a log, of which a head has to be about one: whether it is, is known once the last one came.

    Raises:
        AuditBroken: says where the chain breaks: changed, removed, moved, cut off, or written anew.
        SecretsError: the file can't be read.
    """
    number, at_head = 0, ""
    for entry in entries_in(log):
        number = entry.number
        if head is not None and number == head.number:
            at_head = entry.hash
        yield entry
    if head is not None and number < head.number:
        raise AuditBroken(
            f"{log}: it was cut off: {head_place} was signed at entry {head.number}, the log ends at entry {number}"
        )
    if head is not None and at_head != head.hash:
        raise AuditBroken(
            f"{log}: it was written anew: entry {head.number} is not the one that {head_place} signs"
        )


def head_in(backups: str, data: Path) -> Path:
    """Return where the last backup's head is: in the folder that the settings name, else in that of the data folder."""
    return (Path(backups).expanduser() if backups else data / "backups") / NAME


def signed_head(path: Path, secrets: Secrets) -> Head | None:
    """Read the head that was signed last, None where none was yet.

    Raises:
        AuditBroken: it is no head, there is no key to judge it by, or another key signed it.
        SecretsError: it can't be read.
    """
    if not path.exists():
        return None
    if (key := load_key(secrets)) is None:
        raise AuditBroken(f"{path} is signed, but {secrets.place} holds no audit key to judge it by")
    return read_head(path, key)


def _size_of(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:  # whoever reads it says what is wrong with it
        return 0


def read_head(path: Path, key: AuditKey) -> Head | None:
    """Read a head that this key signed, or None where there is no such file.

    Raises:
        AuditBroken: it is no head, or another key signed it.
        SecretsError: it can't be read.
    """
    if (head := _read(path)) is not None:
        key.check(head, str(path))
    return head


def unproven_head(path: Path) -> Head | None:
    """Return the head as it stands there, whoever signed it, None where it is none: to be shown, never to be believed.

    Raises:
        SecretsError: it can't be read.
    """
    try:
        return _read(path)
    except AuditBroken:
        return None


def _read(path: Path) -> Head | None:
    content = read_private(path, OPENED)
    try:
        return msgspec.json.decode(content, type=Head) if content is not None else None
    except UNDECODABLE:
        raise AuditBroken(f"{path}: it is no signed head of an audit log") from None


def export_head(log: Path, to: Path, key: AuditKey, clock: Clock) -> Head | None:
    """Sign the log's last entry into a file, in place of the head that was there; None for a log without entries.

    Raises:
        AuditBroken: the log is broken, or does not go on from the head that is there, which stays.
        SecretsError: something can't be read or written.
    """
    found = verify(log, read_head(to, key), str(to))
    if not found.entries:
        return None
    head = key.sign(found.entries, found.hash, clock.now_ns())
    write_private(to, msgspec.json.encode(head) + b"\n")
    return head
