"""The way to Kraken, step by step: its time, and one book."""

from __future__ import annotations

import msgspec

from engine.adapters.kraken import messages as m
from engine.adapters.kraken.parse import LABEL
from engine.adapters.live.looking import PATIENCE_S, clock_found, skipped, talk_on
from engine.adapters.texts import Unreadable, moment_ns
from engine.clock import Clock
from engine.errors import RejectedError
from engine.model.text import clean
from engine.settings.venues import KrakenSettings
from engine.transport.address import checked_url
from engine.transport.checking import Check, Found
from engine.transport.reaching import places_of, reaching
from engine.transport.skew import ClockSkew

SYMBOL = "BTC/USD"


def way(settings: KrakenSettings, clock: Clock, *, patience_s: float = PATIENCE_S) -> tuple[Check, ...]:
    """Return the steps to Kraken.

    Raises:
        ConfigError: an address is none.
    """
    stream_url = checked_url("venues.kraken.stream_url", settings.stream_url, "wss")
    rest_url = checked_url("venues.kraken.rest_url", settings.rest_url, "https")

    async def time() -> Found:
        talk = _Ping(clock)
        await talk_on(stream_url, talk, patience_s)
        return clock_found(talk.skew, LABEL)

    async def data() -> Found:
        talk = _Book(settings.depth)
        await talk_on(stream_url, talk, patience_s)
        return Found(talk.told)

    places = places_of({"venues.kraken.stream_url": stream_url, "venues.kraken.rest_url": rest_url})
    return (
        *reaching(places, clock),
        Check("auth", skipped(f"{LABEL} wants no key for market data, and nothing here uses one")),
        Check("clock", time, ("tls",)),
        Check("permissions", skipped("market data is everybody's")),
        Check("data", data, ("tls",)),
        Check("orders", skipped(f"no orders go to {LABEL}")),
    )


class _Ping:
    """Asks once what time it is there."""

    def __init__(self, clock: Clock) -> None:
        self.skew = ClockSkew()
        self._clock = clock
        self._sent_ns = 0

    def say(self) -> str:
        """Ask, once."""
        if self._sent_ns:
            return ""
        self._sent_ns = self._clock.now_ns()
        return '{"method":"ping","req_id":1}'

    def take(self, frame: bytes) -> bool:
        """Take the answer; what else comes is passed over."""
        message = m.decode(frame)
        if not isinstance(message, m.Answer) or message.method != "pong":
            return False
        there_in, there_out = moment_ns(message.time_in), moment_ns(message.time_out)
        if not (there_in and there_out):
            raise Unreadable("bad_message", "expected the venue's times")
        self.skew.note(self._sent_ns, (there_in + there_out) // 2, self._clock.now_ns())
        return True


class _Book:
    """Asks for one book."""

    def __init__(self, depth: int) -> None:
        self.told = ""
        params = {"channel": "book", "symbol": [SYMBOL], "depth": depth}
        self._request = msgspec.json.encode({"method": "subscribe", "params": params, "req_id": 1}).decode()

    def say(self) -> str:
        """Ask, once."""
        request, self._request = self._request, ""
        return request

    def take(self, frame: bytes) -> bool:
        """Take the book; what else comes is passed over."""
        message = m.decode(frame)
        if isinstance(message, m.Answer) and (message.error or not message.success):
            raise RejectedError(f"{LABEL} refused the book of {SYMBOL}: {clean(message.error, 120)}")
        if not isinstance(message, m.BookMessage) or not message.data:
            return False
        book = message.data[0]
        self.told = f"the book of {SYMBOL} came: {len(book.bids)} bids, {len(book.asks)} asks"
        return True
