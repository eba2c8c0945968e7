"""Alpaca as a source of market data: its stream of shares and its stream of coins, whichever are wanted."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from engine.adapters.alpaca.feed import COINS, AlpacaFeed, shares
from engine.adapters.alpaca.listings import Listings
from engine.adapters.alpaca.requests import TradingRequests
from engine.clock import Clock
from engine.config import AlpacaSettings
from engine.model.instrument import Symbol
from engine.ports.market_data import MarketSink
from engine.ports.secrets import Credential
from engine.transport.address import checked_url
from engine.transport.breaker import OPEN_S


class AlpacaSource:
    """Delivers the symbols it was made for until it is cancelled; those with a slash are coins."""

    name = "alpaca"

    def __init__(
        self,
        settings: AlpacaSettings,
        credential: Credential,
        requests: TradingRequests,
        symbols: Sequence[Symbol],
        clock: Clock,
        *,
        silence_s: float | None = None,
        open_s: float = OPEN_S,
    ) -> None:
        """Take the settings; nothing is dialled yet.

        Raises:
            ConfigError: an address is none.
        """
        self.wanted = tuple(dict.fromkeys(symbols))
        self._requests = requests
        self._listings = Listings(requests, {})
        stream_url = checked_url("venues.alpaca.stream_url", settings.stream_url, "wss")
        data_url = checked_url("venues.alpaca.data_url", settings.data_url, "https")
        patience = {} if silence_s is None else {"silence_s": silence_s, "retry_s_max": 0.2}

        def feed(is_coins: bool) -> AlpacaFeed | None:
            mine = [symbol for symbol in self.wanted if ("/" in symbol) is is_coins]
            kind = COINS if is_coins else shares(settings.feed)
            path = "/v1beta3/crypto/us" if is_coins else f"/v2/{settings.feed}"
            if not mine:
                return None
            return AlpacaFeed(
                kind,
                stream_url + path,
                data_url,
                credential,
                mine,
                self._listings,
                clock,
                open_s=open_s,
                **patience,
            )

        self.feeds = tuple(each for each in (feed(False), feed(True)) if each is not None)

    @property
    def publish(self) -> Callable[[object], None]:
        """Told of circuits that change and of what a person should see."""
        return self.feeds[0].publish

    @publish.setter
    def publish(self, publish: Callable[[object], None]) -> None:
        for each in self.feeds:
            each.publish = publish

    def request_snapshot(self, symbol: Symbol, reason: str) -> None:
        """Ask for a fresh snapshot of a book."""
        for each in self.feeds:
            if symbol in each.wanted:
                each.request_snapshot(symbol, reason)

    async def run(self, sink: MarketSink) -> None:
        """Deliver to the sink until cancelled."""
        try:
            async with asyncio.TaskGroup() as tasks:
                for each in self.feeds:
                    tasks.create_task(each.run(sink))
        except ExceptionGroup as faults:
            raise faults.exceptions[0] from None
        finally:
            await self._requests.close()
