"""What happened to versions: each event carries the hash of the one before it, and is signed with our key."""

from __future__ import annotations

from hashlib import sha256
from typing import Final

import msgspec
from msgspec import Struct

from engine.signals.models.refusal import ModelRefused
from engine.signals.registry.manifest import Seal
from engine.signals.registry.stages import Move

FIRST: Final = ""
REGISTER: Final = "register"
SIGN_OFF: Final = "sign off"
"""Somebody of the risk role vouches for a version on live accounts."""
WITHDRAW: Final = "withdraw sign-off"
_NO_MOVES: Final = frozenset({REGISTER, SIGN_OFF, WITHDRAW})
"""What leaves a version at its stage."""
PURPOSE: Final = b"model event"
_DOMAIN: Final = b"touchline model event\0"


class Deed(Struct, frozen=True, kw_only=True):
    """What somebody does with a version."""

    name: str
    version: str
    what: str
    """`register`, a move, a sign-off, or that one is withdrawn."""
    who: str
    reason: str = ""
    gates: dict[str, str] = {}
    """What was found at each gate."""


class Event(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A deed in its place."""

    number: int
    """From 1 on, without a gap, over all names."""
    time_ns: int
    name: str
    version: str
    what: str
    who: str
    reason: str
    gates: dict[str, str]
    previous: str
    signature: str = ""
    hash: str = ""

    def move(self) -> Move | None:
        """Return the move it is; None for what leaves a version at its stage."""
        return None if self.what in _NO_MOVES else Move(self.what)

    def line(self) -> bytes:
        """Return it as it is kept."""
        return msgspec.json.encode(self, order="deterministic")

    def signed_content(self) -> bytes:
        """Return what a signature is over."""
        return msgspec.structs.replace(self, signature="", hash="").line()


def chained(deed: Deed, time_ns: int, last: Event | None, seal: Seal) -> Event:
    """Return a deed as the event that follows another one."""
    event = Event(
        number=last.number + 1 if last else 1,
        time_ns=time_ns,
        name=deed.name,
        version=deed.version,
        what=deed.what,
        who=deed.who,
        reason=deed.reason,
        gates=dict(deed.gates),
        previous=last.hash if last else FIRST,
    )
    event = msgspec.structs.replace(event, signature=seal.sign(PURPOSE, event.signed_content()))
    return msgspec.structs.replace(event, hash=_hash_of(event))


def check_event(event: Event, last: Event | None, seal: Seal) -> None:
    """Look whether an event follows another one, and whether one of our keys signed it.

    Raises:
        ModelRefused: it does not.
    """
    where = f"the registry, event {event.number}"
    if (event.number, event.previous) != (last.number + 1 if last else 1, last.hash if last else FIRST):
        raise ModelRefused(f"{where}: it does not follow the one before it; one was removed or replaced")
    if event.hash != _hash_of(event):
        raise ModelRefused(f"{where}: it was changed since it was written")
    if not seal.verifies(PURPOSE, event.signed_content(), event.signature):
        raise ModelRefused(f"{where}: none of our keys signed it; it was changed, or made elsewhere")


def _hash_of(event: Event) -> str:
    return sha256(_DOMAIN + msgspec.structs.replace(event, hash="").line()).hexdigest()
