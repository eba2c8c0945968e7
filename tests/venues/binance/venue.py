"""A venue that speaks Binance's public spot protocol on this machine; it shares no code with the adapter."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from tests.venues.binance.floor import Floor
from tests.venues.binance.rest import Rest
from tests.venues.binance.session import Session
from tests.venues.binance.stock import Pair
from tests.venues.binance.user_session import UserSession
from tests.venues.http_door import HttpDoor
from tests.venues.in_thread import ThreadedVenue

USER_PATH = "/ws-api/v3"


class BinanceVenue(ThreadedVenue):
    """The venue in a thread: streams on one port, the rest on another, as Binance has them on two hosts."""

    def __init__(self, pairs: Iterable[Pair], *, port: int = 0, pulse_s: float = 0.2) -> None:
        super().__init__("binance-venue")
        self.floor = Floor(pairs, pulse_s)
        self.rest = Rest(self.floor)
        self.port = port
        self._door = HttpDoor(self.rest.answer)
        self._server: Server | None = None
        self._pulse: asyncio.Task[None] | None = None

    @property
    def stream_url(self) -> str:
        """Where the streams are."""
        return f"ws://127.0.0.1:{self.port}"

    @property
    def api_url(self) -> str:
        """Where the rest is."""
        return f"http://127.0.0.1:{self._door.port}"

    @property
    def orders_url(self) -> str:
        """Where orders go."""
        return self.api_url

    @property
    def user_url(self) -> str:
        """Where the WebSocket API is, with the account's events."""
        return f"{self.stream_url}{USER_PATH}"

    async def _open(self) -> None:
        self._server = await serve(
            self._serve,
            "127.0.0.1",
            self.port,
            process_request=self._shake,
            compression=None,
            max_queue=None,
        )
        self.port = next(iter(self._server.sockets)).getsockname()[1]
        await self._door.open()
        self._pulse = asyncio.create_task(self._beat())

    async def _close(self) -> None:
        server, self._server = self._server, None
        if server is not None:
            if self._pulse is not None:
                self._pulse.cancel()
            self.floor.kill()
            server.close()
            await server.wait_closed()
            await self._door.close()

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(self.floor.pulse_s)
            self.floor.pulse()

    def _shake(self, connection: ServerConnection, request: Request) -> Response | None:
        if self.floor.faults.refuse:
            return connection.respond(503, "busy\n")
        if request.path.startswith(USER_PATH):
            return connection.respond(503, "busy\n") if self.floor.faults.refuse_user else None
        is_stream = request.path.startswith(("/stream", "/ws"))
        return None if is_stream else connection.respond(404, "no such stream\n")

    async def _serve(self, connection: ServerConnection) -> None:
        assert connection.request is not None
        if connection.request.path.startswith(USER_PATH):
            await self._serve_user(connection)
            return
        session = Session(self.floor, connection, connection.request.path)
        self.floor.sessions.add(session)
        self.floor.connections += 1
        beside = [asyncio.create_task(session.write())]
        if self.floor.tape is not None:
            beside.append(asyncio.create_task(self.floor.tape.play(session)))
        try:
            await session.read()
        except ConnectionClosed:
            return
        finally:
            self.floor.sessions.discard(session)
            for task in beside:
                task.cancel()

    async def _serve_user(self, connection: ServerConnection) -> None:
        session = UserSession(self.floor, connection)
        self.floor.connections += 1
        writing = asyncio.create_task(session.write())
        try:
            await session.read()
        except ConnectionClosed:
            return
        finally:
            self.floor.user_sessions.discard(session)
            writing.cancel()
