"""When to try again, and when a gateway that says nothing is gone."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from engine.errors import AdapterError

PING_S = 2.0
"""Seconds between two pings."""
SILENT_PINGS_MAX = 3
"""Pings in a row without any message after which the gateway is gone."""
RETRY_S_MAX = 5.0


async def keep_trying(attempt: Callable[[], Awaitable[None]]) -> None:
    """Begin one link after another, for ever.

    An attempt returns after a link that had proven itself, and the next one begins at once; it raises when
    it did not come to that, and the next one waits: longer each time, 5 s at most, and by chance, so that
    many desks don't come back at one moment.
    """
    from tenacity import (  # noqa: PLC0415  # only where there is a gateway
        AsyncRetrying,
        retry_if_exception_type,
        wait_random_exponential,
    )

    wait = wait_random_exponential(multiplier=0.2, max=RETRY_S_MAX)
    retry = retry_if_exception_type((OSError, AdapterError))
    while True:
        async for each in AsyncRetrying(wait=wait, retry=retry):
            with each:
                await attempt()


async def until_silent(ping: Callable[[], object], heard: Callable[[], int], every_s: float) -> None:
    """Ping, and return once nothing at all was heard for several pings in a row."""
    silent, last = 0, heard()
    while silent < SILENT_PINGS_MAX:
        ping()
        await asyncio.sleep(every_s)
        now = heard()
        silent, last = (0 if now != last else silent + 1), now
