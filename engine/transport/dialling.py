"""When to try again to connect, and when one who says nothing is gone."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

from engine.errors import AdapterError, BreakerOpenError

RETRY_S_MAX = 5.0
SILENT_PINGS_MAX = 3
"""Pings in a row without any message after which the other side is gone, where it is not asked more often."""
SIGN_S = 0.8
"""How often one is asked whose market may rest, and who gives no sign of its own: oftener than a feed may be silent."""


class Nap:
    """A wait between two tries that can be cut short."""

    def __init__(self) -> None:
        self._woken = asyncio.Event()

    async def sleep(self, seconds: float) -> None:
        """Wait for so long, or until it is ended."""
        self._woken.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._woken.wait()

    def end(self) -> None:
        """End it; without one, nothing happens."""
        self._woken.set()


async def keep_trying(
    attempt: Callable[[], Awaitable[None]], *, retry_s_max: float = RETRY_S_MAX, nap: Nap | None = None
) -> None:
    """Begin one connection after another, for ever.

    An attempt returns after a connection that had proven itself, and the next one begins at once; it raises when
    it did not come to that, and the next one waits: longer each time, up to a maximum, and by chance, so that
    many desks don't come back at one moment. Where a circuit is open, it waits until that lets it through, or `nap` is ended.
    """
    from tenacity import (  # noqa: PLC0415  # only where something is dialled
        AsyncRetrying,
        RetryCallState,
        retry_if_exception_type,
        wait_random_exponential,
    )

    by_chance = wait_random_exponential(multiplier=0.2, max=retry_s_max)

    def wait(state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome is not None else None
        patience_s = error.retry_after_s if isinstance(error, BreakerOpenError) else 0.0
        return max(patience_s, by_chance(state))

    retry = retry_if_exception_type((OSError, AdapterError))
    while True:
        async for each in AsyncRetrying(wait=wait, retry=retry, sleep=(nap or Nap()).sleep):
            with each:
                await attempt()


async def until_silent(
    ping: Callable[[], object], heard: Callable[[], int | None], silence_s: float, ping_s: float
) -> None:
    """Ping every so often, and return once nothing at all was heard for all pings of a silence in a row."""
    silent, last = 0, heard()
    while silent < round(silence_s / ping_s):
        ping()
        await asyncio.sleep(ping_s)
        now = heard()
        silent, last = (0 if now != last else silent + 1), now
