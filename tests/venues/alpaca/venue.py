"""A venue that speaks Alpaca's protocols on this machine; it shares no code with the adapter."""

from __future__ import annotations

from collections.abc import Iterable

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.http11 import Request, Response

from tests.venues.alpaca.assets import ASSETS, Asset
from tests.venues.alpaca.data_stream import PATHS, DataSession
from tests.venues.alpaca.floor import Floor
from tests.venues.alpaca.rest import Rest
from tests.venues.alpaca.trade_stream import TradeSession
from tests.venues.http_door import HttpDoor
from tests.venues.in_thread import ThreadedVenue

TRADES_PATH = "/stream"


class AlpacaVenue(ThreadedVenue):
    """The venue in a thread: one port for REST, one for the streams."""

    def __init__(
        self, assets: Iterable[Asset] = ASSETS, *, port: int = 0, stream_port: int = 0, seed: int = 1
    ) -> None:
        super().__init__("alpaca-venue")
        self.floor = Floor(assets, seed=seed)
        self.stream_port = stream_port
        self._door = HttpDoor(Rest(self.floor).answer)
        self._door.port = port
        self._streams: Server | None = None

    @property
    def trading_url(self) -> str:
        """Where the trading API is."""
        return f"http://127.0.0.1:{self._door.port}"

    @property
    def data_url(self) -> str:
        """Where the data API is."""
        return self.trading_url

    @property
    def stream_url(self) -> str:
        """Where the market data streams are, without their paths."""
        return f"ws://127.0.0.1:{self.stream_port}"

    @property
    def trades_url(self) -> str:
        """Where the trade updates are."""
        return f"{self.stream_url}{TRADES_PATH}"

    async def _open(self) -> None:
        await self._door.open()
        self._streams = await serve(
            self._serve,
            "127.0.0.1",
            self.stream_port,
            process_request=self._admit,
            compression=None,
            max_queue=None,
            ping_interval=None,
        )
        self.stream_port = next(iter(self._streams.sockets)).getsockname()[1]

    async def _close(self) -> None:
        streams, self._streams = self._streams, None
        if streams is not None:
            await self._door.close()
            self.floor.drop()
            streams.close()
            await streams.wait_closed()

    def _admit(self, connection: ServerConnection, request: Request) -> Response | None:
        path, refused = request.path.partition("?")[0], self.floor.faults.refuse_streams
        if path not in PATHS and path != TRADES_PATH:
            return connection.respond(404, "not found\n")
        return connection.respond(refused, "not now\n") if refused else None

    async def _serve(self, connection: ServerConnection) -> None:
        assert connection.request is not None
        self.floor.connections += 1
        if connection.request.path.partition("?")[0] == TRADES_PATH:
            trades = TradeSession(self.floor, connection)
            self.floor.trade_sessions.add(trades)
            try:
                await trades.run()
            finally:
                self.floor.trade_sessions.discard(trades)
            return
        data = DataSession(self.floor, connection)
        self.floor.data_sessions.add(data)
        try:
            await data.run()
        finally:
            self.floor.data_sessions.discard(data)
