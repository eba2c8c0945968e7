"""One connection to the venue: what it subscribed, and what waits to be sent to it."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

from tests.venues.kraken.books import book_json, told
from tests.venues.levels import TextLevel

if TYPE_CHECKING:
    from tests.venues.kraken.venue import Floor

DEPTHS = (10, 25, 100, 500, 1000)
OUTBOX_MAX = 100_000


def stamp(skew_s: float = 0.0) -> str:
    """Return the time as the venue writes it."""
    return (datetime.now(UTC) + timedelta(seconds=skew_s)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


class Session:
    """Answers requests, and passes on what happens on the floor."""

    def __init__(self, floor: Floor, connection: ServerConnection) -> None:
        self.floor = floor
        self.connection = connection
        self.books: dict[str, int] = {}
        """The depth of each book that is subscribed."""
        self.seen: dict[str, tuple[list[TextLevel], list[TextLevel]]] = {}
        """What was told of each book."""
        self.trades: set[str] = set()
        self.tickers: set[str] = set()
        self.instruments = False
        self.outbox: asyncio.Queue[str | bytes] = asyncio.Queue(OUTBOX_MAX)

    def push(self, message: str | bytes) -> None:
        """Send a message after those that wait."""
        self.outbox.put_nowait(message)

    async def write(self) -> None:
        """Send what waits, as late as the faults say; while it is mute nothing goes out at all."""
        try:
            while True:
                message = await self.outbox.get()
                if self.floor.faults.late_s:
                    await asyncio.sleep(self.floor.faults.late_s)
                if not self.floor.faults.mute:
                    await self.connection.send(message)
        except ConnectionClosed:
            return

    async def beat(self) -> None:
        """Say that there is nothing else to say."""
        while True:
            await asyncio.sleep(self.floor.heartbeat_s)
            if self.books or self.trades or self.tickers or self.instruments:
                self.push('{"channel":"heartbeat"}')

    async def read(self) -> None:
        """Answer requests until it ends."""
        self.push(
            f'{{"channel":"status","type":"update","data":[{{"version":"2.0.0","system":"{self.floor.system}",'
            '"api_version":"v2","connection_id":1}]}'
        )
        async for text in self.connection:
            self.floor.requests.append(str(text))
            self._answer(json.loads(text))

    def _answer(self, request: dict[str, Any]) -> None:
        came = stamp(self.floor.faults.skew_s)
        number, method = request.get("req_id", 0), request.get("method")
        if method == "ping":
            times = f'"time_in":"{came}","time_out":"{stamp(self.floor.faults.skew_s)}"'
            self.push(f'{{"method":"pong","req_id":{number},{times}}}')
        elif method in {"subscribe", "unsubscribe"}:
            terms = request["params"]
            symbols = terms.get("symbol", [""])
            for symbol in symbols:
                self._subscription(method, number, terms, symbol)
            if method == "subscribe" and terms["channel"] == "book":
                self._play({*symbols})

    def _subscription(self, method: str, number: int, terms: dict[str, Any], symbol: str) -> None:
        channel = terms["channel"]
        error = self._objection(method, terms, symbol)
        if error:
            self.push(
                json.dumps(
                    {"method": method, "success": False, "error": error, "symbol": symbol, "req_id": number}
                )
            )
            return
        result = {"channel": channel, **({"symbol": symbol} if symbol else {}), "snapshot": True}
        self.push(json.dumps({"method": method, "success": True, "result": result, "req_id": number}))
        if method == "unsubscribe":
            self._forget(channel, symbol)
        elif channel == "instrument":
            self.instruments = True
            self.push(self.floor.instruments_json("snapshot"))
        elif self.floor.tape:
            return
        elif channel == "book":
            self.books[symbol] = terms.get("depth", 10)
            self.snapshot(symbol)
        elif channel == "trade":
            self.trades.add(symbol)
            if terms.get("snapshot"):
                self.push(self.floor.trades_json("snapshot", symbol))
        else:
            self.tickers.add(symbol)
            self.push(self.floor.ticker_json("snapshot", symbol))

    def _objection(self, method: str, terms: dict[str, Any], symbol: str) -> str:
        channel = terms["channel"]
        if channel not in {"instrument", "book", "trade", "ticker"}:
            return "Channel not supported"
        if channel == "instrument":
            return ""
        if symbol not in self.floor.books:
            return f"Currency pair not supported {symbol}"
        if channel == "book" and terms.get("depth", 10) not in DEPTHS:
            return "Subscription depth not supported"
        there = {"book": self.books, "trade": self.trades, "ticker": self.tickers}[channel]
        if method == "subscribe" and symbol in there:
            return "Already subscribed"
        return "Subscription not found" if method == "unsubscribe" and symbol not in there else ""

    def _play(self, symbols: set[str]) -> None:
        """Tell a recording, as fast as it is taken."""
        for symbol, message in self.floor.tape:
            if symbol in symbols:
                self.push(message)

    def _forget(self, channel: str, symbol: str) -> None:
        self.books.pop(symbol, None) if channel == "book" else None
        self.trades.discard(symbol) if channel == "trade" else None
        self.tickers.discard(symbol) if channel == "ticker" else None

    def snapshot(self, symbol: str) -> None:
        """Tell a whole book."""
        book = self.floor.books[symbol]
        self.seen[symbol] = book.tops(self.books[symbol])
        proof = self.floor.proof(book.checksum())
        self.push(book_json("snapshot", symbol, *self.seen[symbol], proof, ""))

    def update(self, symbol: str) -> None:
        """Tell what changed in a book since it was told last."""
        if symbol not in self.books:
            return
        book = self.floor.books[symbol]
        before, now = self.seen[symbol], book.tops(self.books[symbol])
        bids = told(before[0], now[0], book.bids.levels)
        asks = told(before[1], now[1], book.asks.levels)
        self.seen[symbol] = now
        if bids or asks:
            proof = self.floor.proof(book.checksum())
            when = stamp(self.floor.faults.skew_s)
            self.push(book_json("update", symbol, bids, asks, proof, when))
