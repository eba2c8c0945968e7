"""Waits for what another thread or task does."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

PATIENCE_S = 120.0


async def until(is_so: Callable[[], object], timeout_s: float = PATIENCE_S) -> None:
    """Return once it is so; fail when it never becomes so."""
    loop = asyncio.get_running_loop()
    deadline_s = loop.time() + timeout_s
    while not is_so():
        assert loop.time() < deadline_s, "it never happened"
        await asyncio.sleep(0.005)
