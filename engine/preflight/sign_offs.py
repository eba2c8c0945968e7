"""Sign-offs: what a person vouches for, over the hash of what they looked at, in the audit log."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Final

from msgspec import Struct

from engine.clock import NS_PER_S
from engine.preflight.found import Found, Status
from engine.security.audit.entry import Act, Entry

SIGNED: Final = "sign-off"
_DOMAIN: Final = b"touchline sign-off\0"


class SignOff(Struct, frozen=True, kw_only=True):
    """One signature."""

    id: str
    who: str
    capacity: str
    """As what they signed."""
    at_ns: int
    basis: str
    """The hash of what they looked at."""
    number: int
    """Which entry of the audit log it is."""


def basis_of(item: str, found: Found) -> str:
    """Return the hash that is signed: of the item and what was looked at."""
    return sha256(_DOMAIN + f"{item}\0{found.basis}".encode()).hexdigest()[:32]


def act_of(item: str, found: Found, who: str, capacity: str) -> Act:
    """Return the act of signing, as the audit log keeps it."""
    return Act(
        who=who, what=SIGNED, origin="shell", subject=item, before=capacity, after=basis_of(item, found)
    )


def newest(entries: Iterable[Entry]) -> dict[str, SignOff]:
    """Return the newest signature of each item."""
    return {
        entry.subject: SignOff(
            id=entry.subject,
            who=entry.who,
            capacity=entry.before,
            at_ns=entry.time_ns,
            basis=entry.after,
            number=entry.number,
        )
        for entry in entries
        if entry.what == SIGNED
    }


def _day(at_ns: int) -> str:
    return f"{datetime.fromtimestamp(at_ns // NS_PER_S, tz=UTC):%Y-%m-%d}"


def with_signature(item: str, found: Found, signed: Mapping[str, SignOff]) -> tuple[Found, SignOff | None]:
    """Return how an item stands once signatures count: one over something else than what is there now does not."""
    sign_off = signed.get(item)
    if found.status is not Status.WAITS or sign_off is None:
        return found, None
    who = f"{sign_off.who} as {sign_off.capacity}, {_day(sign_off.at_ns)}"
    if sign_off.basis == basis_of(item, found):
        return found._replace(status=Status.SIGNED, evidence=f"{who}, for: {found.evidence}"), sign_off
    stale = f"{who}, signed for something else than what is there now: {found.evidence}"
    return found._replace(evidence=stale), sign_off
