"""Acme on this machine: a venue that speaks its protocol, in a thread, with what may go wrong there."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from http import HTTPStatus
from typing import Any, TypeVar
from urllib.parse import parse_qs, urlsplit

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

T = TypeVar("T")
Level = tuple[str, str]
PAIRS = {
    name: {"base": name[:3], "currency": "USD", "price_step": "0.01", "size_step": "0.00001"}
    for name in ("BTC-USD", "ETH-USD")
}
BEAT_S = 0.2


@dataclass
class Book:
    """Sizes by price, and the number of the last change."""

    bids: dict[str, str] = field(default_factory=dict)
    asks: dict[str, str] = field(default_factory=dict)
    number: int = 0

    def tops(self, depth: int) -> tuple[list[Level], list[Level]]:
        """Return the best of both sides."""
        bids = sorted(self.bids.items(), key=lambda level: -Decimal(level[0]))
        asks = sorted(self.asks.items(), key=lambda level: Decimal(level[0]))
        return bids[:depth], asks[:depth]


@dataclass
class Faults:
    """What goes wrong until it is set right again."""

    mute: bool = False
    refuse: bool = False
    late_s: float = 0.0
    rest_status: int = 200


class Floor:
    """Everything that happens there, on one loop."""

    def __init__(self) -> None:
        self.books = {name: Book() for name in PAIRS}
        self.prints = {name: deque[dict[str, Any]](maxlen=50) for name in PAIRS}
        self.faults = Faults()
        self.sessions: dict[ServerConnection, tuple[set[str], asyncio.Queue[str | bytes]]] = {}
        self._numbers = 0
        for name, mid in (("BTC-USD", 61_000), ("ETH-USD", 2_650)):
            for rank in range(1, 31):
                self.books[name].bids[f"{mid - Decimal(rank) / 100:.2f}"] = f"{rank}.00000"
                self.books[name].asks[f"{mid + Decimal(rank) / 100:.2f}"] = f"{rank}.00000"

    def change(self, symbol: str, bids: Iterable[Level] = (), asks: Iterable[Level] = ()) -> None:
        """Change levels of a book, and tell who follows it; a size of 0 takes a level away."""
        book = self.books[symbol]
        book.number += 1
        changed = {"bids": list(bids), "asks": list(asks)}
        for side, levels in ((book.bids, changed["bids"]), (book.asks, changed["asks"])):
            for price, size in levels:
                side.pop(price, None) if not Decimal(size) else side.update({price: size})
        self._tell(symbol, {"book": symbol, "number": book.number, **changed, "at_ns": time.time_ns()})
        self._tell(symbol, self.touch(symbol))

    def trade(self, symbol: str, side: str, price: str, quantity: str) -> None:
        """Print a trade."""
        self._numbers += 1
        made = {"symbol": symbol, "number": self._numbers, "side": side, "price": price, "size": quantity}
        self.prints[symbol].append({**made, "at_ns": time.time_ns()})
        self._tell(symbol, {"prints": [self.prints[symbol][-1]]})

    def say(self, frame: str | bytes) -> None:
        """Send a frame of any kind to everyone."""
        for _, outbox in self.sessions.values():
            outbox.put_nowait(frame)

    def kill(self) -> None:
        """End every connection without a word."""
        for connection in self.sessions:
            connection.transport.abort()

    def whole(self, symbol: str) -> dict[str, object]:
        """Return the message of a whole book."""
        book = self.books[symbol]
        bids, asks = book.tops(1000)
        return {"book": symbol, "whole": True, "number": book.number, "bids": bids, "asks": asks}

    def touch(self, symbol: str) -> dict[str, object]:
        """Return the message of a touch."""
        (bid,), (ask,) = self.books[symbol].tops(1)
        return {"touch": symbol, "bid": bid, "ask": ask, "at_ns": time.time_ns()}

    def _tell(self, symbol: str, message: dict[str, object]) -> None:
        for followed, outbox in self.sessions.values():
            if symbol in followed:
                outbox.put_nowait(json.dumps(message))

    async def serve(self, connection: ServerConnection) -> None:
        """Have one connection to its end."""
        followed, outbox = set[str](), asyncio.Queue[str | bytes]()
        self.sessions[connection] = followed, outbox
        outbox.put_nowait(json.dumps({"pairs": PAIRS}))
        beside = [asyncio.create_task(each) for each in (self._write(connection, outbox), self._beat(outbox))]
        try:
            async for text in connection:
                for message in self._answers(json.loads(text), followed):
                    outbox.put_nowait(json.dumps(message))
        except ConnectionClosed:
            return
        finally:
            del self.sessions[connection]
            for task in beside:
                task.cancel()

    def _answers(self, asked: dict[str, Any], followed: set[str]) -> Iterator[dict[str, object]]:
        match asked:
            case {"follow": symbol} if symbol in PAIRS:
                followed.add(symbol)
                yield {"following": symbol}
                yield self.whole(symbol)
                yield {"prints": list(self.prints[symbol])}
                yield self.touch(symbol)
            case {"follow": symbol}:
                yield {"refused": symbol}
            case {"leave": symbol}:
                followed.discard(symbol)
            case {"again": symbol}:
                yield self.whole(symbol)
            case {"ping": number}:
                yield {"pong": number, "at_ns": time.time_ns()}

    async def _write(self, connection: ServerConnection, outbox: asyncio.Queue[str | bytes]) -> None:
        try:
            while True:
                message = await outbox.get()
                await asyncio.sleep(self.faults.late_s)
                if not self.faults.mute:
                    await connection.send(message)
        except ConnectionClosed:
            return

    async def _beat(self, outbox: asyncio.Queue[str | bytes]) -> None:
        while True:
            outbox.put_nowait('{"beat":1}')
            await asyncio.sleep(BEAT_S)

    def answer(self, connection: ServerConnection, request: Request) -> Response | None:
        """Answer what is no handshake of the stream."""
        url = urlsplit(request.path)
        if url.path == "/feed":
            return (
                connection.respond(HTTPStatus.SERVICE_UNAVAILABLE, "busy\n") if self.faults.refuse else None
            )
        if self.faults.rest_status != HTTPStatus.OK:
            return connection.respond(HTTPStatus(self.faults.rest_status), "not now\n")
        asked = {name: values[0] for name, values in parse_qs(url.query).items()}
        now_s = int(time.time()) // 60 * 60
        price = self.books[asked["symbol"]].tops(1)[0][0][0]
        rows = [
            (start_s, price, price, price, price, "1.00000")
            for start_s in range(now_s - 60 * 100, now_s + 60, 60)
            if start_s * 10**9 >= int(asked["since_ns"])
        ]
        return connection.respond(HTTPStatus.OK, json.dumps(rows))


class AcmeVenue:
    """The venue in a thread; it is what the contract calls a `ServedVenue`."""

    def __init__(self) -> None:
        self.floor = Floor()
        self.port = 0
        self._loop = asyncio.new_event_loop()
        self._server: Server | None = None

    @property
    def stream_url(self) -> str:
        """Where the stream is."""
        return f"ws://127.0.0.1:{self.port}/feed"

    @property
    def rest_url(self) -> str:
        """Where the rest is."""
        return f"http://127.0.0.1:{self.port}"

    @contextmanager
    def running(self) -> Iterator[AcmeVenue]:
        """Run while it is entered."""
        thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        thread.start()
        self.open()
        try:
            yield self
        finally:
            self.close()
            self._loop.call_soon_threadsafe(self._loop.stop)
            thread.join()
            self._loop.close()

    def do(self, what: Callable[[], T]) -> T:
        """Do something on the venue's loop, and return what came of it."""

        async def done() -> T:
            return what()

        return asyncio.run_coroutine_threadsafe(done(), self._loop).result(30)

    def open(self) -> None:
        """Listen, on the same port as before."""
        asyncio.run_coroutine_threadsafe(self._open(), self._loop).result(30)

    def close(self) -> None:
        """End every connection and listen no more."""
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(30)

    async def _open(self) -> None:
        self._server = await serve(
            self.floor.serve,
            "127.0.0.1",
            self.port,
            process_request=self.floor.answer,
            compression=None,
            max_queue=None,
        )
        self.port = next(iter(self._server.sockets)).getsockname()[1]

    async def _close(self) -> None:
        server, self._server = self._server, None
        if server is not None:
            self.floor.kill()
            server.close()
            await server.wait_closed()
