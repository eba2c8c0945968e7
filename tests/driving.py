"""Runs a Textual app without a terminal for the length of a script."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from textual.app import App
from textual.pilot import Pilot

from engine.adapter_contract.waiting import PATIENCE_S

Result = TypeVar("Result")


def drive(
    app: App[Result], script: Callable[[Pilot[Result]], Awaitable[None]], size: tuple[int, int] = (80, 24)
) -> None:
    """Start the app at a size, run the script against it, stop it."""

    async def run() -> None:
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            await script(pilot)

    asyncio.run(run())


async def sees(pilot: Pilot[Result], is_so: Callable[[], bool]) -> None:
    """Let the app run until something is so.

    Raises:
        TimeoutError: it never is.
    """
    async with asyncio.timeout(PATIENCE_S):
        while not is_so():  # a screen tells nobody
            await pilot.pause(0.02)
