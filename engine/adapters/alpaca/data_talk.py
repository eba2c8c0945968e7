"""A talk with one of Alpaca's data streams until one symbol is subscribed, or heard of."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Final

from engine.adapters.alpaca import data_messages as m
from engine.adapters.alpaca.data_client import DataClient
from engine.adapters.alpaca.feed import STOPS
from engine.adapters.texts import Unreadable
from engine.model.instrument import Symbol
from engine.ports.secrets import Credential
from engine.transport.checking import REFUSED, NotWell

COIN: Final = Symbol("BTC/USD")
SHARE: Final = Symbol("AAPL")
_REMEDIES: Final = {
    406: "Only one client may follow this data: end the other one; an open desk is one.",
    409: 'Set venues.alpaca.feed to "iex", or subscribe to this data at Alpaca.',
}


class DataTalk:
    """Says who we are, subscribes, and waits for the confirmation, or for a quote or a book."""

    def __init__(
        self, credential: Credential, channels: Sequence[str], symbol: Symbol, *, is_heard: bool = True
    ) -> None:
        self.told = ""
        """What was heard of the symbol."""
        self._symbol = symbol
        self._is_heard = is_heard
        self._outbox: deque[str] = deque()
        self._client = DataClient(credential, channels, self)
        self._client.send = self._outbox.append

    def say(self) -> str:
        """Return what is to be said now."""
        return self._outbox.popleft() if self._outbox else ""

    def take(self, frame: bytes) -> bool:
        """Take a frame; tell whether that was all."""
        self._client.take(frame)
        return bool(self.told if self._is_heard else self._client.confirmed)

    # What the client calls

    def admitted(self) -> None:
        """Ask for the symbol."""
        self._client.subscribe([self._symbol])

    def message(self, message: m.Message) -> None:
        """Take market data."""
        if isinstance(message, m.BookText) and message.symbol == self._symbol:
            self.told = f"the book of {self._symbol} came: {len(message.b)} bids, {len(message.a)} asks"
        elif isinstance(message, m.QuoteText) and message.symbol == self._symbol:
            self.told = (
                self.told
                or f"a quote of {self._symbol} came: {m.text_of(message.bp)} x {m.text_of(message.ap)}"
            )

    def failed(self, code: int, text: str) -> None:
        """Give up: the venue refused."""
        stop = STOPS.get(code)
        raise NotWell(
            f"{stop[1] if stop else 'Alpaca refused'} ({text}, {code})", _REMEDIES.get(code, REFUSED)
        )

    def malformed(self, error: Unreadable) -> None:
        """Give up: it is no data."""
        raise error

    def lost(self, reason: str) -> None:
        """Hear nothing: this talk has one connection."""
