"""One entry of the audit log: a line of JSON that carries the hash of the line before it."""

from __future__ import annotations

from hashlib import sha256
from typing import Final

import msgspec
from msgspec import Struct

from engine.model.undecodable import UNDECODABLE
from engine.ports.secrets import SecretsError

FIRST: Final = ""
"""What the first entry carries as the hash of the one before it."""
_DOMAIN: Final = b"touchline audit entry\0"


class AuditBroken(SecretsError):
    """The log is not what was written; the message says where."""


class Act(Struct, frozen=True, kw_only=True):
    """What somebody did."""

    who: str
    what: str
    """The kind of act, as `trading-state`."""
    origin: str
    """From where: `desk`, `shell`, or the engine itself, as `idle`."""
    subject: str = ""
    """To what: an account, a symbol, an operator."""
    before: str = ""
    after: str = ""


class Entry(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One act in its place: its hash is over everything else in it, and so over all entries before."""

    number: int
    """From 1 on, without a gap."""
    time_ns: int
    who: str
    what: str
    origin: str
    subject: str
    before: str
    after: str
    previous: str
    hash: str = ""

    def line(self) -> bytes:
        """Return it as the log has it."""
        return _encode(self) + b"\n"

    def is_whole(self) -> bool:
        """Tell whether its hash is that of its content."""
        return self.hash == _hash_of(self)


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Entry).decode


def sealed(act: Act, number: int, time_ns: int, previous: str) -> Entry:
    """Return an act as the entry that follows another one."""
    entry = Entry(
        number=number,
        time_ns=time_ns,
        who=act.who,
        what=act.what,
        origin=act.origin,
        subject=act.subject,
        before=act.before,
        after=act.after,
        previous=previous,
    )
    return msgspec.structs.replace(entry, hash=_hash_of(entry))


def read_entry(line: bytes, place: str) -> Entry:
    """Read a line without its end.

    Raises:
        AuditBroken: it is not one that was written here.
    """
    try:
        entry = _decode(line)
    except UNDECODABLE:
        raise AuditBroken(f"{place} was changed: it is no entry any more") from None
    if entry.line() != line + b"\n" or not entry.is_whole():
        raise AuditBroken(f"{place} was changed: its hash is that of something else")
    return entry


def _hash_of(entry: Entry) -> str:
    content = _encode(msgspec.structs.replace(entry, hash=""))
    return sha256(_DOMAIN + content).hexdigest()
