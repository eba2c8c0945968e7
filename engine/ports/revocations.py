"""Where it is kept which tokens are over before their time, and which refresh token of a sign-in is the next one."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum, unique
from typing import Protocol

from msgspec import Struct


@unique
class What(StrEnum):
    """Of what the tokens are over."""

    TOKEN = "token"  # noqa: S105  # a kind of entry, no password
    FAMILY = "family"
    """All that came of one sign-in."""
    USER = "user"
    EVERYONE = "everyone"


class Revoked(Struct, frozen=True):
    """Tokens that are over."""

    what: What
    name: str
    """The token's id, the sign-in or the user."""
    until_s: int
    """When the last of them would have ended by itself, seconds since the epoch: then this can be forgotten."""
    before_s: int = 0
    """Of a user or everyone: tokens that begin later stand."""


class RevokedNow(Struct, frozen=True):
    """All that is kept at one moment."""

    version: str
    """Another one once something is added."""
    entries: tuple[Revoked, ...]


@unique
class Turn(StrEnum):
    """What became of a refresh token that was shown."""

    TURNED = "turned"
    REPLAYED = "replayed"
    """It had been turned before: somebody holds a copy."""
    GONE = "gone"
    """Nothing is known of its sign-in."""


class RevocationStore(Protocol):
    """Keeps it, for this desk or for all that share it. Whatever can't be asked raises a TransientError."""

    async def add(self, entries: Sequence[Revoked]) -> None:
        """Keep these until their time is over."""

    async def read(self, known: str) -> RevokedNow | None:
        """Return all that is kept, or None while it is still the version that is known."""

    async def begin_family(self, family: str, token: str, until_s: int) -> None:
        """Keep the first refresh token of a sign-in."""

    async def turn_family(self, family: str, spent: str, fresh: str, if_replayed: Revoked) -> Turn:
        """Put a fresh refresh token in the place of the one that is spent, in one step.

        Of several at once one is turned. One that was spent before ends the sign-in and adds what is to be revoked.
        """

    async def news(self, patience_s: float) -> None:
        """Return when another desk added something, or when the patience is over; never raise for the store's sake."""

    async def close(self) -> None:
        """Let go of it."""
