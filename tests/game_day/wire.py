"""A wire between two programs on this machine, which can be cut so that neither end is told."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from tests.venues.in_thread import ThreadedVenue


class Wire(ThreadedVenue):
    """Passes bytes on in both directions while it is whole."""

    def __init__(self, port: int) -> None:
        super().__init__("wire")
        self.port = 0
        self._to = port
        self._whole = asyncio.Event()
        self._server: asyncio.Server | None = None
        self._ways: set[asyncio.Task[None]] = set()

    def cut(self) -> None:
        """Pass nothing on; every connection stays."""
        self.do(self._whole.clear)

    def mend(self) -> None:
        """Pass on again what comes from now on, and what waits."""
        self.do(self._whole.set)

    async def _open(self) -> None:
        self._whole.set()
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _close(self) -> None:
        if self._server is not None:
            self._server.close()
        for way in self._ways:
            way.cancel()
        await asyncio.gather(*self._ways, return_exceptions=True)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", self._to)
        for source, target in ((reader, back), (there, writer)):
            way = asyncio.create_task(self._pass_on(source, target))
            self._ways.add(way)
            way.add_done_callback(self._ways.discard)

    async def _pass_on(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while piece := await source.read(65_536):
                await self._whole.wait()
                target.write(piece)
                await target.drain()
        target.close()
