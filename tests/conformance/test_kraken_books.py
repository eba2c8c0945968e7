"""python-kraken-sdk takes the local venue's books for Kraken's, and notices a wrong checksum."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from itertools import count
from types import TracebackType
from typing import Any, Self

import pytest
from kraken.spot import Market, SpotOrderBookClient

from tests.venues.kraken.stock import MIDS, PAIRS, ladder
from tests.venues.kraken.venue import Floor, KrakenVenue
from tests.waiting import wait_until

UPDATES = 100
LEVELS = 40
BEYOND = 13
"""Levels that are stirred; ten are followed."""


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


def stir(floor: Floor, number: int) -> None:
    """Change a level of each side of a book, or take it away, within what is followed and just beyond."""
    pair = PAIRS[number % 2]
    bids, asks = ladder(pair, MIDS[pair.symbol], LEVELS)
    quantity = f"{number % 5}.{'0' * pair.qty_decimals}"
    place = number % BEYOND
    floor.change(pair.symbol, [(bids[place][0], quantity)], [(asks[-1 - place][0], quantity)])
    floor.change(pair.symbol, asks=[(asks[place][0], quantity)])


def test_every_checksum_is_right_until_one_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    with KrakenVenue(PAIRS, heartbeat_s=1.0) as venue:
        for pair in PAIRS:
            bids, asks = ladder(pair, MIDS[pair.symbol], LEVELS)
            venue.floor.change(pair.symbol, bids, asks)
        numbers = count()

        def stirred(is_so: Callable[[], bool]) -> Callable[[], bool]:
            return lambda: venue.do(lambda: stir(venue.floor, next(numbers))) is None and is_so()

        with Books(venue, monkeypatch) as books:
            wait_until(lambda: venue.do(lambda: any(len(each.books) == 2 for each in venue.floor.sessions)))
            wait_until(stirred(lambda: books.updates >= UPDATES))
            assert books.errors == []
            venue.floor.faults.wrong_checksums = 1
            wait_until(stirred(lambda: bool(books.errors)))
            assert "Checksum mismatch" in books.errors[0]
