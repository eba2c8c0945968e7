"""alpaca-py, aimed at the local venue."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

from alpaca.data.historical import CryptoHistoricalDataClient, StockHistoricalDataClient
from alpaca.data.live import CryptoDataStream, StockDataStream
from alpaca.trading.client import TradingClient
from alpaca.trading.stream import TradingStream

from tests.venues.alpaca.crowd import Crowd
from tests.venues.alpaca.floor import KEYS
from tests.venues.alpaca.venue import AlpacaVenue

KEY, SECRET = next(iter(KEYS.items()))


class Client:
    """All that alpaca-py has, for one venue."""

    def __init__(self, venue: AlpacaVenue) -> None:
        self.venue = venue
        self.crowd = Crowd(venue.floor)
        venue.do(self.crowd.open)
        self.trading = TradingClient(KEY, SECRET, url_override=venue.trading_url)
        self.trading._retry_wait = 0
        self.stocks = StockHistoricalDataClient(KEY, SECRET, url_override=venue.data_url)
        self.crypto = CryptoHistoricalDataClient(url_override=venue.data_url)

    def quote(self, symbol: str, bid: str, ask: str, size: str = "1000") -> None:
        """Let the others quote so."""
        self.venue.do(lambda: self.venue.floor.quote(symbol, bid, ask, size, size))

    def trades(self) -> Any:
        """Return a stream of trade updates."""
        return TradingStream(KEY, SECRET, url_override=self.venue.trades_url)

    def stock_data(self) -> Any:
        """Return a stream of shares' market data."""
        return StockDataStream(KEY, SECRET, url_override=f"{self.venue.stream_url}/v2/iex")

    def crypto_data(self) -> Any:
        """Return a stream of pairs' market data."""
        return CryptoDataStream(KEY, SECRET, url_override=f"{self.venue.stream_url}/v1beta3/crypto/us")


@contextmanager
def alpaca_py() -> Iterator[Client]:
    """Run a venue with a client."""
    with AlpacaVenue() as venue:
        yield Client(venue)


class Heard:
    """What a stream told."""

    def __init__(self) -> None:
        self.all: list[Any] = []

    async def hear(self, told: Any) -> None:
        """Take one."""
        self.all.append(told)

    def has(self, kind: str) -> list[Any]:
        """Return what was told of a kind."""
        return [each for each in self.all if type(each).__name__ == kind]


@contextmanager
def running(stream: Any) -> Iterator[None]:
    """Run a stream in a thread, as it likes it."""
    thread = threading.Thread(target=stream.run, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stream.stop()
        thread.join(30)


def decimal(value: Any) -> Any:
    """Return a number, however the client has it, so that it compares with any other."""
    return Decimal(str(value))
