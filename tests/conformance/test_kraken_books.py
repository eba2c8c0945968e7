"""python-kraken-sdk takes the local venue's books for Kraken's, and notices a wrong checksum."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

import pytest
from kraken.spot import Market, SpotOrderBookClient

from tests.venues.kraken.stock import MIDS, PAIRS, ladder
from tests.venues.kraken.venue import KrakenVenue
from tests.venues.kraken.walk import Walk
from tests.waiting import wait_until

UPDATES = 60


class Books:
    """The client in a thread, since it reads over HTTP on its own loop."""

    def __init__(self, venue: KrakenVenue, monkeypatch: pytest.MonkeyPatch) -> None:
        self.updates = 0
        self.errors: list[str] = []
        monkeypatch.setattr(Market, "URL", venue.rest_url)
        monkeypatch.setattr(
            SpotOrderBookClient, "WS_URL", venue.stream_url.removesuffix("/v2"), raising=False
        )
        self._thread = threading.Thread(target=lambda: asyncio.run(self._follow()), daemon=True)
        self._loop: asyncio.AbstractEventLoop
        self._stop: asyncio.Event

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(30)

    def _hear(self, pair: str, message: dict[str, Any]) -> None:
        if "error" in message:
            self.errors.append(f"{pair}: {message['error']}")
        elif message.get("type") == "update":
            self.updates += 1

    async def _follow(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        client = SpotOrderBookClient(depth=10, callback=self._hear)
        await client.start()
        await client.add_book(pairs=["BTC/USD", "ETH/USD"])
        await self._stop.wait()
        await client.close()


def test_every_checksum_is_right_until_one_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    with KrakenVenue(PAIRS, heartbeat_s=1.0) as venue:
        for pair in PAIRS:
            bids, asks = ladder(pair, MIDS[pair.symbol], 40)
            venue.floor.books[pair.symbol].bids.change(bids)
            venue.floor.books[pair.symbol].asks.change(asks)
        walk = Walk(venue.floor, 1)

        def walked(is_so: Callable[[], bool]) -> Callable[[], bool]:
            return lambda: venue.do(walk.step) is None and is_so()

        with Books(venue, monkeypatch) as books:
            wait_until(lambda: venue.do(lambda: any(len(each.books) == 2 for each in venue.floor.sessions)))
            wait_until(walked(lambda: books.updates >= UPDATES))
            assert books.errors == []
            venue.floor.faults.wrong_checksums = 1
            wait_until(walked(lambda: bool(books.errors)))
            assert "Checksum mismatch" in books.errors[0]
