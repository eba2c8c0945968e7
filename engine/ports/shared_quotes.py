"""What another desk shares of its market, wherever desks meet."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, runtime_checkable

from msgspec import Struct

from engine.errors import TransientError
from engine.messages.shared_quotes import SharedEntry


class SharedUnusable(TransientError):
    """The place where desks meet could not be asked; the message says why."""


class HeardQuotes(Struct, frozen=True, gc=False):
    """What was found there."""

    entries: tuple[SharedEntry, ...]
    """The oldest first."""
    after: str
    """Where to go on from."""
    behind_ms: int
    """How old the newest of them is, by the clock of that place; 0 where there is none."""
    unread: int = 0
    """Those that could not be read."""


class SharedQuotes(Protocol):
    """One desk's quotes; belongs to the loop that asks first."""

    @property
    def ahead_ns(self) -> int | None:
        """How far that place's clock is ahead of ours; None before the first answer."""

    @property
    def within_ns(self) -> int:
        """By how much that may be wrong."""

    async def newest(self) -> HeardQuotes:
        """Return the last time that everything was told, and what came after.

        Raises:
            SharedUnusable: it could not be asked.
        """

    async def since(self, after: str) -> HeardQuotes:
        """Return what came after; raises likewise."""

    async def news(self, patience_s: float) -> None:
        """Return when something was told, or when the patience is over."""

    async def close(self) -> None:
        """Let every connection go."""


@runtime_checkable
class Follows(Protocol):
    """Whoever follows another desk, as whoever is on call sees it."""

    @property
    def name(self) -> str:
        """What it is called on screen and in the metrics."""

    @property
    def gaps(self) -> int:
        """How often something was missing."""

    @property
    def conflated(self) -> int:
        """Quotes that were overtaken before they were read."""

    @property
    def unread(self) -> int:
        """Entries that were refused."""

    @property
    def behind_ms(self) -> int:
        """How old the newest was when it was read."""


OpenDesk = Callable[[str], SharedQuotes]
"""Returns the quotes of the desk of that name; raises ConfigError where none can be had, and SecretsError."""
