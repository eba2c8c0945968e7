"""A venue that speaks Coinbase's Advanced Trade market data on this machine; it shares no code with the adapter."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from tests.venues.coinbase.floor import Floor
from tests.venues.coinbase.rest import Rest
from tests.venues.coinbase.session import Session
from tests.venues.coinbase.stock import Pair
from tests.venues.http_door import HttpDoor
from tests.venues.in_thread import ThreadedVenue


class CoinbaseVenue(ThreadedVenue):
    """The venue in a thread: its stream on one port, the rest on another, as Coinbase has them on two hosts."""

    def __init__(self, pairs: Iterable[Pair], *, port: int = 0, heartbeat_s: float = 0.2) -> None:
        super().__init__("coinbase-venue")
        self.floor = Floor(pairs, heartbeat_s)
        self.port = port
        self._door = HttpDoor(Rest(self.floor).answer)
        self._server: Server | None = None
        self._heart: asyncio.Task[None] | None = None

    @property
    def stream_url(self) -> str:
        """Where the stream is."""
        return f"ws://127.0.0.1:{self.port}"

    @property
    def api_url(self) -> str:
        """Where the rest is."""
        return f"http://127.0.0.1:{self._door.port}"

    async def _open(self) -> None:
        self._server = await serve(
            self._serve,
            "127.0.0.1",
            self.port,
            process_request=self._shake,
            compression=None,
            max_queue=1 << 16,
        )
        self.port = next(iter(self._server.sockets)).getsockname()[1]
        await self._door.open()
        self._heart = asyncio.create_task(self._beat())

    async def _close(self) -> None:
        server, self._server = self._server, None
        if server is not None:
            if self._heart is not None:
                self._heart.cancel()
            self.floor.kill()
            server.close()
            await server.wait_closed()
            await self._door.close()

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(self.floor.heartbeat_s)
            self.floor.beat()

    def _shake(self, connection: ServerConnection, _request: Request) -> Response | None:
        return connection.respond(503, "busy\n") if self.floor.faults.refuse else None

    async def _serve(self, connection: ServerConnection) -> None:
        session = Session(self.floor, connection)
        self.floor.sessions.add(session)
        self.floor.connections += 1
        beside = [asyncio.create_task(session.write()), asyncio.create_task(session.expire())]
        try:
            await session.read()
        except ConnectionClosed:
            return
        finally:
            self.floor.sessions.discard(session)
            for task in beside:
                task.cancel()
