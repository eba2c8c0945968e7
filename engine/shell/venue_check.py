"""A look at the way to a venue, for a person who asks from a shell."""

from __future__ import annotations

from collections.abc import AsyncIterator

from msgspec.structs import replace

from engine.adapters.adapter import WayTerms, settings_for
from engine.adapters.registry import find
from engine.clock import SystemClock
from engine.config import Settings
from engine.credentials import Credential, Credentials
from engine.errors import ConfigError
from engine.messages.checks import Step
from engine.transport.checking import needed_for, walk

__all__ = ("AUTH", "has_way", "steps_to")

AUTH = "auth"
"""The step that lets the venue judge the key."""
HIDDEN = "(hidden)"


def has_way(venue: str) -> bool:
    """Tell whether there are steps to a venue.

    Raises:
        ConfigError: there is no such venue, or its adapter can't be loaded.
    """
    return find(venue).way is not None


async def steps_to(
    venue: str, settings: Settings, credentials: Credentials, *, only: str = ""
) -> AsyncIterator[Step]:
    """Yield each step as it is done, all or one and what it needs; no half of the key is in any of them.

    Raises:
        ConfigError: an address is none, or there is no way to that venue.
    """
    adapter = find(venue)
    if adapter.way is None:
        raise ConfigError(f"nothing here tries the way to {adapter.label}")
    kept: list[Credential] = []

    def read_key() -> Credential | None:
        found = credentials.read(adapter.section)
        kept.extend([found] if found is not None else [])
        return found

    clock = SystemClock()
    checks = adapter.way(WayTerms(settings_for(adapter, settings), clock, read_key))
    async for step in walk(needed_for(only, checks) if only else checks, clock):
        yield _without(kept, step)


def _without(kept: list[Credential], step: Step) -> Step:
    """Return a step without what a venue may have said of the key."""
    detail, remedy = step.detail, step.remedy
    for secret in (half for each in kept for half in (each.secret, each.key) if half):
        detail, remedy = detail.replace(secret, HIDDEN), remedy.replace(secret, HIDDEN)
    return replace(step, detail=detail, remedy=remedy)
