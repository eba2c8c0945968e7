"""One connection to the venue's stream: what it subscribed, and what waits to be sent to it."""

from __future__ import annotations

import asyncio
import json
import time
from collections import deque
from typing import TYPE_CHECKING, Any

from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

if TYPE_CHECKING:
    from tests.venues.coinbase.floor import Floor

OUTBOX_MAX = 100_000
MESSAGES_MAX = 8
"""That one connection may send in a second without a token; one more ends it."""
FIRST_S = 5.0
"""In which something has to be subscribed."""
CHANNELS = frozenset(("heartbeats", "candles", "status", "ticker", "ticker_batch", "level2", "market_trades"))
TOLD = {"level2": "l2_data"}
"""Channels that have another name where they are told."""


class Session:
    """Answers requests, and passes on what happens on the floor; every message has the next number."""

    def __init__(self, floor: Floor, connection: ServerConnection) -> None:
        self.floor = floor
        self.connection = connection
        self.channels: dict[str, set[str]] = {}
        """The products of each channel that is subscribed."""
        self.outbox: asyncio.Queue[str | bytes] = asyncio.Queue(OUTBOX_MAX)
        self._number = 0
        self._came: deque[float] = deque(maxlen=MESSAGES_MAX)

    def push(self, message: str | bytes) -> None:
        """Send a message after those that wait."""
        self.outbox.put_nowait(message)

    def tell(self, channel: str, event: dict[str, Any]) -> None:
        """Send an event under the next number."""
        number, self._number = self._number, self._number + 1
        if self.floor.faults.skip:
            self.floor.faults.skip -= 1
            return
        envelope = {
            "channel": TOLD.get(channel, channel),
            "client_id": "",
            "timestamp": self.floor.stamp(),
            "sequence_num": number,
            "events": [event],
        }
        self.push(json.dumps(envelope, separators=(",", ":")))

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

    async def expire(self) -> None:
        """End the connection where nothing is subscribed in time."""
        await asyncio.sleep(FIRST_S)
        if not self.channels:
            await self.connection.close(1008, "no subscription")

    async def read(self) -> None:
        """Answer requests until it ends."""
        async for text in self.connection:
            self.floor.requests.append(str(text))
            now = time.monotonic()
            if len(self._came) == MESSAGES_MAX and now - self._came[0] < 1.0:
                await self.connection.close(1008, "rate limit exceeded")
                return
            self._came.append(now)
            self._answer(str(text))

    def _answer(self, text: str) -> None:
        try:
            request = json.loads(text)
            kind, channel = request["type"], request["channel"]
        except (ValueError, KeyError, TypeError):
            self._refuse("failure to parse request")
            return
        token, products = request.get("jwt"), [self._market(name) for name in request.get("product_ids", [])]
        unknown = [name for name in products if name not in self.floor.books]
        if token is not None and (self.floor.faults.refuse_tokens or self.floor.keys.objection(token)):
            self._refuse("authentication failure")
        elif kind not in {"subscribe", "unsubscribe"} or channel not in CHANNELS:
            self._refuse(f"channel {channel} is not supported")
        elif unknown:
            self._refuse(f"{unknown[0]} is not a valid product")
        elif kind == "subscribe":
            self._begin(channel, products)
        else:
            self.channels.get(channel, set()).difference_update(products)
            self._confirm()

    def _market(self, name: str) -> str:
        return self.floor.aliases.get(name, name)

    def _refuse(self, reason: str) -> None:
        self.push(json.dumps({"type": "error", "message": reason}))

    def _confirm(self) -> None:
        there = {channel: sorted(products) for channel, products in self.channels.items()}
        self.tell("subscriptions", {"subscriptions": {**there, **_named(there)}})

    def _begin(self, channel: str, products: list[str]) -> None:
        """Confirm a channel, and tell how everything in it is now."""
        self.channels.setdefault(channel, set()).update(products)
        self._confirm()
        for name in products:
            book = self.floor.books[name]
            if channel == "level2":
                bids, asks = book.bids.ranked(), book.asks.ranked()
                self.tell(channel, book.event("snapshot", bids, asks, self.floor.stamp()))
            elif channel == "market_trades":
                trades = [each.told() for each in reversed(book.prints)]
                self.tell(channel, {"type": "snapshot", "trades": trades})
            elif channel == "ticker" and book.bids.levels and book.asks.levels:
                self.tell(channel, {"type": "snapshot", "tickers": [book.ticker()]})
            elif channel == "status":
                self.tell(channel, {"type": "snapshot", "products": [book.pair.told()]})


def _named(there: dict[str, list[str]]) -> dict[str, list[str]]:
    """Return the channel that has no products, as it is confirmed."""
    return {"heartbeats": ["heartbeats"]} if "heartbeats" in there else {}
