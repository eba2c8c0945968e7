"""Which feeds of which pairs are asked for on the connection that is open."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable

from engine.adapters.kraken.client import KrakenClient
from engine.model.instrument import Symbol

CHANNELS = ("book", "trade", "ticker")


class Feeds:
    """Asks for everything of a pair, once on each connection."""

    def __init__(self, client: KrakenClient, depth: int, is_open: Callable[[], bool]) -> None:
        self._client = client
        self._depth = depth
        self._is_open = is_open
        self._asked: set[Symbol] = set()

    def begin(self) -> None:
        """Forget what was asked for: it is a new connection."""
        self._asked.clear()

    def ask(self, symbols: Iterable[Symbol]) -> None:
        """Ask for all feeds of these that were not asked for yet; without a connection the next one is asked."""
        new = [symbol for symbol in symbols if symbol not in self._asked]
        if new and self._is_open():
            self._asked.update(new)
            self._client.subscribe("book", new, depth=self._depth)
            self._client.subscribe("trade", new, snapshot=True)
            self._client.subscribe("ticker", new, event_trigger="bbo")

    def refresh(self, symbol: Symbol) -> None:
        """Get a fresh snapshot of one book."""
        self._client.unsubscribe("book", [symbol], depth=self._depth)
        self._client.subscribe("book", [symbol], depth=self._depth)

    def drop(self, symbol: Symbol) -> None:
        """Ask for a pair no more."""
        if symbol in self._asked:
            self._asked.discard(symbol)
            self._client.unsubscribe("book", [symbol], depth=self._depth)
            self._client.unsubscribe("trade", [symbol])
            self._client.unsubscribe("ticker", [symbol], event_trigger="bbo")

    def confirmed(self, symbols: Collection[Symbol]) -> int:
        """Return how many feeds of these pairs the venue confirmed."""
        return sum(channel in CHANNELS and symbol in symbols for channel, symbol in self._client.subscribed)
