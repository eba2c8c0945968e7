"""Speaks Kraken's protocol over a stream: asks, counts the answers, and passes on what is market data."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol

import msgspec

from engine.adapters.kraken import messages as m
from engine.adapters.texts import Unreadable, moment_ns
from engine.clock import Clock
from engine.model.instrument import Symbol
from engine.model.text import clean
from engine.transport.skew import ClockSkew

PINGS_WAITING_MAX = 8
REQUESTS_WAITING_MAX = 1000
"""Requests without an answer that are remembered, for the words of a refusal."""


class Listener(Protocol):
    """Who is told of what comes."""

    def opened(self) -> None:
        """Begin anew: nothing is subscribed."""

    def lost(self, reason: str) -> None:
        """Distrust what was said."""

    def message(self, message: m.Message) -> None:
        """Take market data, or how the venue is."""

    def refused(self, channel: str, symbol: str, reason: str) -> None:
        """Hear that a subscription was refused."""

    def malformed(self, error: Unreadable) -> None:
        """Hear of a frame that could not be read."""


class KrakenClient:
    """One conversation after the other; what is asked is asked again by the listener when a new one begins."""

    def __init__(self, clock: Clock, listener: Listener) -> None:
        self.send: Callable[[str], None] = lambda _: None
        self.skew = ClockSkew()
        self.subscribed: set[tuple[str, str]] = set()
        """Channels and symbols that the venue confirmed."""
        self._clock = clock
        self._listener = listener
        self._number = 0
        self._asked: dict[int, str] = {}
        """The channel of each request that was not answered in full."""
        self._pinged: dict[int, int] = {}
        """When each ping was sent."""

    def subscribe(self, channel: str, symbols: Iterable[Symbol] = (), **terms: object) -> None:
        """Ask for a channel."""
        self._ask("subscribe", channel, symbols, terms)

    def unsubscribe(self, channel: str, symbols: Iterable[Symbol], **terms: object) -> None:
        """Ask for a channel no more."""
        self._ask("unsubscribe", channel, symbols, terms)

    # What the stream calls

    def opened(self) -> None:
        """Begin anew."""
        self.subscribed.clear()
        self._asked.clear()
        self._pinged.clear()
        self._listener.opened()

    def lost(self, reason: str) -> None:
        """Stop believing what was said."""
        self.subscribed.clear()
        self._listener.lost(reason)

    def ping(self) -> None:
        """Ask what time it is there; that it answers is no proof that the market's data still comes."""
        if len(self._pinged) >= PINGS_WAITING_MAX:
            self._pinged.clear()
        self._number += 1
        self._pinged[self._number] = self._clock.now_ns()
        self._write({"method": "ping", "req_id": self._number})

    def take(self, frame: bytes) -> bool:
        """Take a frame; tell whether it proves that the market's data still comes."""
        try:
            message = m.decode(frame)
            if isinstance(message, m.Answer):
                self._answered(message)
                return False
            self._listener.message(message)
        except Unreadable as error:
            self._listener.malformed(error)
            return False
        return True

    def _ask(self, method: str, channel: str, symbols: Iterable[Symbol], terms: dict[str, object]) -> None:
        self._number += 1
        if len(self._asked) >= REQUESTS_WAITING_MAX:
            self._asked.clear()
        self._asked[self._number] = channel
        names = list(symbols)
        params = {"channel": channel, **({"symbol": names} if names else {}), **terms}
        self._write({"method": method, "params": params, "req_id": self._number})

    def _write(self, request: dict[str, object]) -> None:
        self.send(msgspec.json.encode(request).decode())

    def _answered(self, answer: m.Answer) -> None:
        if answer.method == "pong":
            self._timed(answer)
            return
        channel = answer.result.channel or self._asked.get(answer.req_id, "")
        symbol = answer.result.symbol or answer.symbol
        if answer.error or not answer.success:
            self._listener.refused(clean(channel, 16), clean(symbol, 32), clean(answer.error, 120))
        elif answer.method == "subscribe":
            self.subscribed.add((channel, symbol))
        else:
            self.subscribed.discard((channel, symbol))

    def _timed(self, answer: m.Answer) -> None:
        """Learn the venue's clock from the middle of its own two times."""
        sent_ns = self._pinged.pop(answer.req_id, 0)
        there_in, there_out = moment_ns(answer.time_in), moment_ns(answer.time_out)
        if not (sent_ns and there_in and there_out):
            return
        if self.skew.note(sent_ns, (there_in + there_out) // 2, self._clock.now_ns()):
            self.ping()
