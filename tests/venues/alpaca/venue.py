"""A venue that speaks Alpaca's protocols on this machine; it shares no code with the adapter.

`AlpacaVenue` runs in a thread with a loop of its own. Whatever is done to it from a test happens on that loop.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Self, TypeVar

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.http11 import Request, Response

from tests.venues.alpaca.assets import ASSETS, Asset
from tests.venues.alpaca.data_stream import PATHS, DataSession
from tests.venues.alpaca.floor import Floor
from tests.venues.alpaca.http_server import converse
from tests.venues.alpaca.rest import Rest
from tests.venues.alpaca.trade_stream import TradeSession

T = TypeVar("T")
TRADES_PATH = "/stream"


class AlpacaVenue:
    """The venue in a thread: one port for REST, one for the streams."""

    def __init__(
        self, assets: Iterable[Asset] = ASSETS, *, port: int = 0, stream_port: int = 0, seed: int = 1
    ) -> None:
        self.floor = Floor(assets, seed=seed)
        self.port = port
        self.stream_port = stream_port
        self._rest = Rest(self.floor)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="alpaca-venue", daemon=True)
        self._pages: asyncio.Server | None = None
        self._streams: Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()

    @property
    def trading_url(self) -> str:
        """Where the trading API is."""
        return f"http://127.0.0.1:{self.port}"

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

    def __enter__(self) -> Self:
        self._thread.start()
        self.open()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        self.close()
        self.do(self._leave)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def do(self, what: Callable[[], T]) -> T:
        """Do something on the venue's loop, and wait for it."""

        async def done() -> T:
            return what()

        return asyncio.run_coroutine_threadsafe(done(), self._loop).result(30)

    def open(self) -> None:
        """Listen, on the same ports as before."""
        asyncio.run_coroutine_threadsafe(self._open(), self._loop).result(30)

    def close(self) -> None:
        """Listen no more and drop everyone."""
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(30)

    async def _open(self) -> None:
        self._pages = await asyncio.start_server(self._converse, "127.0.0.1", self.port)
        self.port = self._pages.sockets[0].getsockname()[1]
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
        pages, self._pages = self._pages, None
        streams, self._streams = self._streams, None
        for writer in self._writers:
            writer.transport.abort()
        if pages is not None:
            pages.close()
            await pages.wait_closed()
        if streams is not None:
            self.floor.drop()
            streams.close()
            await streams.wait_closed()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            await converse(reader, writer, self._rest.handle)
        finally:
            self._writers.discard(writer)

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

    def _leave(self) -> None:
        for task in asyncio.all_tasks(self._loop):
            if task is not asyncio.current_task(self._loop):
                task.cancel()
