"""A heartbeat: an address outside is asked again and again, so that somebody there notices when that ends."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final

from engine.model.text import clean
from engine.transport.http import client_of
from engine.transport.words import in_words

if TYPE_CHECKING:
    from httpx import Response

ASK_S: Final = 5.0
_LENGTH_MAX: Final = 100


class Heartbeat:
    """Asks one address, and keeps count of its answers."""

    def __init__(self, url: str, every_s: float) -> None:
        self.answered = 0
        self.trouble = ""
        """Why the last one had no answer; empty where it had."""
        self._url = url
        self._every_s = every_s

    async def run(self, is_alive: Callable[[], bool]) -> None:
        """Ask for as long as it is alive, until cancelled."""
        client = client_of("")
        try:
            while True:
                if is_alive():
                    self.trouble = await self._ask(client.get)
                    self.answered += not self.trouble
                await asyncio.sleep(self._every_s)
        finally:
            await client.aclose()

    async def _ask(self, get: Callable[[str], Awaitable[Response]]) -> str:
        """Return why there was no good answer; empty where there was."""
        from httpx import HTTPError  # noqa: PLC0415  # only where something is asked

        try:
            async with asyncio.timeout(ASK_S):
                answer = await get(self._url)
        except (HTTPError, TimeoutError) as error:
            return f"no heartbeat: {clean(in_words(error), _LENGTH_MAX)}"
        return "" if answer.is_success else f"no heartbeat: answered {answer.status_code}"
