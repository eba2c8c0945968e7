"""A connection for a moment: to ask what there is before a desk begins, and to try the way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from engine.adapters.ib.hearer import Hearer
from engine.adapters.ib.link import IbLink
from engine.clock import Clock
from engine.errors import TransientError
from engine.messages.circuits import Operation
from engine.settings.venues import IbSettings
from engine.transport.breaker import Breaker

PATIENCE_S = 8.0
LOOK_S = 0.01


@asynccontextmanager
async def brief_link(
    settings: IbSettings, client_id: int, clock: Clock, hearer: Hearer
) -> AsyncIterator[IbLink]:
    """Connect once, and hang up at the end.

    Raises:
        TransientError: no connection came about.
    """
    link = IbLink(
        settings.host, settings.port, client_id, Breaker("ib", Operation.DATA, clock), clock, hearer
    )
    running = asyncio.create_task(link.run())
    try:
        async with asyncio.timeout(PATIENCE_S):
            while not link.is_open:
                if link.trouble:
                    raise TransientError(link.trouble)
                await asyncio.sleep(LOOK_S)
        yield link
    except TimeoutError:
        raise TransientError(f"no answer within {PATIENCE_S:g} s: is that TWS or IB Gateway?") from None
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
