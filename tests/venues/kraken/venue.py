"""A venue that speaks Kraken's public protocol on this machine; it shares no code with the adapter."""

from __future__ import annotations

import asyncio
import json
import time
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from urllib.parse import parse_qs, urlsplit

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from tests.venues.in_thread import ThreadedVenue
from tests.venues.kraken.books import Book, Pair
from tests.venues.kraken.session import Session, stamp
from tests.venues.levels import TextLevel

TRADES_KEPT = 50
OHLC_MINUTES = 720


@dataclass
class Faults:
    """What goes wrong until it is set right again."""

    mute: bool = False
    """Say nothing, and keep the connection."""
    refuse: bool = False
    """Answer every handshake with 503."""
    wrong_checksums: int = 0
    """So many checksums are wrong."""
    late_s: float = 0.0
    """How long every message waits."""
    skew_s: float = 0.0
    """How far the venue's clock is ahead."""
    rest_status: int = 200


@dataclass(frozen=True)
class Print:
    """One trade."""

    symbol: str
    side: str
    price: str
    quantity: str
    number: int
    when: str

    def json(self) -> str:
        """Return it as the trade channel has it."""
        return (
            f'{{"symbol":"{self.symbol}","side":"{self.side}","price":{self.price},"qty":{self.quantity},'
            f'"ord_type":"market","trade_id":{self.number},"timestamp":"{self.when}"}}'
        )


class Floor:
    """Everything that happens at the venue, on one loop."""

    def __init__(self, pairs: Iterable[Pair], heartbeat_s: float) -> None:
        self.books = {pair.symbol: Book(pair) for pair in pairs}
        self.prints: dict[str, deque[Print]] = {symbol: deque(maxlen=TRADES_KEPT) for symbol in self.books}
        self.sessions: set[Session] = set()
        self.faults = Faults()
        self.heartbeat_s = heartbeat_s
        self.system = "online"
        self.requests: deque[str] = deque(maxlen=1000)
        """What was asked, newest last."""
        self.tape: list[tuple[str, str]] = []
        """A recording, as pairs and messages: what is told of books instead of their own."""
        self.connections = 0
        self.reads: deque[str] = deque(maxlen=1000)
        """What was read over HTTP."""
        self._numbers = 0

    def change(self, symbol: str, bids: Iterable[TextLevel] = (), asks: Iterable[TextLevel] = ()) -> None:
        """Change a book and tell everyone; where the touch moved, the ticker tells too."""
        book = self.books[symbol]
        empty = not (book.bids.levels and book.asks.levels)
        touch = None if empty else book.touch()
        book.bids.change(bids)
        book.asks.change(asks)
        for session in self.sessions:
            session.update(symbol)
            if touch is not None and book.touch() != touch and symbol in session.tickers:
                session.push(self.ticker_json("update", symbol))

    def trade(self, symbol: str, side: str, price: str, quantity: str) -> None:
        """Print a trade."""
        self._numbers += 1
        made = Print(symbol, side, price, quantity, self._numbers, stamp(self.faults.skew_s))
        self.prints[symbol].append(made)
        for session in self.sessions:
            if symbol in session.trades:
                session.push(f'{{"channel":"trade","type":"update","data":[{made.json()}]}}')

    def say(self, frame: str | bytes) -> None:
        """Send a frame of any kind to everyone."""
        for session in self.sessions:
            session.push(frame)

    def set_system(self, system: str) -> None:
        """Change how the venue is, and tell everyone."""
        self.system = system
        self.say(f'{{"channel":"status","type":"update","data":[{{"system":"{system}"}}]}}')

    def list_again(self, pair: Pair) -> None:
        """Change a pair's rules, and tell everyone who follows them."""
        self.books[pair.symbol].pair = pair
        for session in self.sessions:
            if session.instruments:
                session.push(self.instruments_json("update"))

    def kill(self) -> None:
        """Drop every connection without a word."""
        for session in self.sessions:
            session.connection.transport.abort()

    def proof(self, right: int) -> int:
        """Return a checksum, wrong where that is what the faults say."""
        if self.faults.wrong_checksums:
            self.faults.wrong_checksums -= 1
            return right ^ 1
        return right

    def instruments_json(self, kind: str) -> str:
        """Return a message of the instrument channel."""
        pairs = ",".join(book.pair.json() for book in self.books.values())
        return f'{{"channel":"instrument","type":"{kind}","data":{{"assets":[],"pairs":[{pairs}]}}}}'

    def trades_json(self, kind: str, symbol: str) -> str:
        """Return the latest trades."""
        prints = ",".join(each.json() for each in self.prints[symbol])
        return f'{{"channel":"trade","type":"{kind}","data":[{prints}]}}'

    def ticker_json(self, kind: str, symbol: str) -> str:
        """Return the touch."""
        (bid, bids), (ask, asks) = self.books[symbol].touch()
        return (
            f'{{"channel":"ticker","type":"{kind}","data":[{{"symbol":"{symbol}","bid":{bid},"bid_qty":{bids},'
            f'"ask":{ask},"ask_qty":{asks},"last":{bid},"volume":1.0,"vwap":{bid},"low":{bid},"high":{ask},'
            '"change":0.0,"change_pct":0.0}]}'
        )

    async def serve(self, connection: ServerConnection) -> None:
        """Have one connection to its end."""
        session = Session(self, connection)
        self.sessions.add(session)
        self.connections += 1
        beside = [asyncio.create_task(session.write()), asyncio.create_task(session.beat())]
        try:
            await session.read()
        except ConnectionClosed:
            return
        finally:
            self.sessions.discard(session)
            for task in beside:
                task.cancel()

    def answer(self, connection: ServerConnection, request: Request) -> Response | None:
        """Answer what is no handshake of the stream."""
        url = urlsplit(request.path)
        if url.path == "/v2":
            return connection.respond(503, "busy\n") if self.faults.refuse else None
        self.reads.append(request.path)
        if self.faults.rest_status != 200:
            return connection.respond(self.faults.rest_status, "not now\n")
        asked = parse_qs(url.query)
        pair = asked.get("pair", [""])[0].replace("XBT", "BTC").replace("XDG", "DOGE")
        book = next(
            (each for name, each in self.books.items() if pair in {name, name.replace("/", "")}), None
        )
        return connection.respond(*rest_answer(url.path, pair, book, int(asked.get("since", ["0"])[0])))


def rest_answer(path: str, pair: str, book: Book | None, since_s: int = 0) -> tuple[int, str]:
    """Return the status and the text that answer a read; the desk reads minutes, other clients also decimals."""
    if path not in {"/0/public/OHLC", "/0/public/AssetPairs"}:
        return 404, json.dumps({"error": ["EGeneral:Unknown method"]})
    if book is None:
        return 200, json.dumps({"error": ["EQuery:Unknown asset pair"]})
    if path == "/0/public/OHLC":
        return 200, ohlc_json(f"X{pair}", book, since_s)
    decimals = {"pair_decimals": book.pair.price_decimals, "lot_decimals": book.pair.qty_decimals}
    return 200, json.dumps({"error": [], "result": {pair: decimals}})


def ohlc_json(name: str, book: Book, since_s: int = 0) -> str:
    """Return minutes after a time up to now, whose close is the bid; every one has a trade of one coin."""
    now = int(time.time()) // 60 * 60
    price, decimals = Decimal(book.touch()[0][0]), book.pair.price_decimals
    rows = []
    for back in range(OHLC_MINUTES, -1, -1):
        close = f"{price - Decimal(back % 7).scaleb(-decimals):.{decimals}f}"
        if now - 60 * back > since_s:
            rows.append([now - 60 * back, close, close, close, close, close, "1.00000000", 1])
    return json.dumps({"error": [], "result": {name: rows, "last": now}})


class KrakenVenue(ThreadedVenue):
    """The venue in a thread."""

    def __init__(self, pairs: Iterable[Pair], *, port: int = 0, heartbeat_s: float = 0.2) -> None:
        super().__init__("kraken-venue")
        self.floor = Floor(pairs, heartbeat_s)
        self.port = port
        self._server: Server | None = None

    @property
    def stream_url(self) -> str:
        """Where the stream is."""
        return f"ws://127.0.0.1:{self.port}/v2"

    @property
    def rest_url(self) -> str:
        """Where the rest is."""
        return f"http://127.0.0.1:{self.port}"

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
