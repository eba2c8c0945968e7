"""Speaks Binance's stream protocol: asks for streams at the pace that is allowed, and passes on what they say."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import Protocol

import msgspec

from engine.adapters.binance import messages as m
from engine.adapters.texts import Unreadable
from engine.clock import NS_PER_S, Clock
from engine.model.text import clean

PACE_S = 0.25
"""Between two requests: the venue ends a connection that sends more than five messages a second, pongs among them."""
PULSE = "btcusdt@miniTicker"
"""A stream that says something every second: a connection without it is mute, however quiet its other symbols are."""
SHUTDOWN = "serverShutdown"


class Listener(Protocol):
    """Who is told of what comes."""

    def opened(self) -> None:
        """Begin anew: nothing is subscribed."""

    def lost(self, reason: str) -> None:
        """Distrust what was said."""

    def event(self, event: m.Event) -> None:
        """Take market data."""

    def confirmed(self, streams: tuple[str, ...]) -> None:
        """Hear that these come from now on."""

    def refused(self, feed: str, symbol: str, reason: str) -> None:
        """Hear that a request was refused."""

    def malformed(self, error: Unreadable) -> None:
        """Hear of a frame that could not be read."""

    def renew(self, reason: str) -> None:
        """Begin a new connection: this one is about to end."""


class BinanceClient:
    """One conversation after the other; what is asked is asked again by the listener when a new one begins."""

    def __init__(self, clock: Clock, listener: Listener) -> None:
        self.send: Callable[[str], None] = lambda _: None
        self.subscribed: set[str] = set()
        """Streams that the venue confirmed."""
        self._clock = clock
        self._listener = listener
        self._number = 0
        self._wanted: dict[str, bool] = {}
        """Streams to ask for, or to ask for no more, with the next request."""
        self._asked: dict[int, tuple[bool, tuple[str, ...]]] = {}
        """What was asked for and not answered."""
        self._timer: asyncio.TimerHandle | None = None
        self._latest_ns: int | None = None

    def subscribe(self, streams: Iterable[str]) -> None:
        """Ask for streams."""
        self._wanted.update(dict.fromkeys(streams, True))
        self._ask_soon()

    def unsubscribe(self, streams: Iterable[str]) -> None:
        """Ask for streams no more."""
        self._wanted.update(dict.fromkeys(streams, False))
        self._ask_soon()

    # What the stream calls

    def opened(self) -> None:
        """Begin anew."""
        self._forget()
        self.subscribe([PULSE])
        self._listener.opened()

    def lost(self, reason: str) -> None:
        """Stop believing what was said."""
        self._forget()
        self._listener.lost(reason)

    def ping(self) -> None:
        """Ask nothing: the pulse says whether data comes, and frames of the transport whether anyone is there."""

    def take(self, frame: bytes) -> bool:
        """Take a frame; tell whether it proves that the market's data still comes."""
        try:
            message = m.decode(frame)
            if message.data is not None and message.data.kind != SHUTDOWN:
                self._listener.event(message.data)
                return True
            if message.data is not None or message.kind == SHUTDOWN:
                self._listener.renew("the venue is about to end it")
            else:
                self._answered(message)
        except Unreadable as error:
            self._listener.malformed(error)
        return False

    def _forget(self) -> None:
        self.subscribed.clear()
        self._wanted.clear()
        self._asked.clear()
        if self._timer is not None:
            self._timer.cancel()
        self._timer, self._latest_ns = None, None

    def _ask_soon(self) -> None:
        """Ask at once, or with all that is wanted until the pace allows it."""
        if self._timer is None and self._wanted:
            passed_s = PACE_S
            if self._latest_ns is not None:
                passed_s = (self._clock.monotonic_ns() - self._latest_ns) / NS_PER_S
            self._timer = asyncio.get_running_loop().call_later(max(0.0, PACE_S - passed_s), self._ask)

    def _ask(self) -> None:
        self._timer, self._latest_ns = None, self._clock.monotonic_ns()
        is_wanted = next(iter(self._wanted.values()))
        streams = tuple(name for name, wanted in self._wanted.items() if wanted is is_wanted)
        self._wanted = {name: wanted for name, wanted in self._wanted.items() if wanted is not is_wanted}
        self._number += 1
        self._asked[self._number] = is_wanted, streams
        method = "SUBSCRIBE" if is_wanted else "UNSUBSCRIBE"
        request = {"method": method, "params": streams, "id": self._number}
        self.send(msgspec.json.encode(request).decode())
        self._ask_soon()

    def _answered(self, answer: m.Frame) -> None:
        is_wanted, streams = self._asked.pop(answer.id or 0, (False, ()))
        fault = answer.error or m.Fault(answer.code, answer.msg)
        if fault.code or fault.msg:
            reason = f"{clean(fault.msg, 120)} ({fault.code})"
            self._listener.refused(clean(" ".join(streams), 120) or "a request", "", reason)
        elif is_wanted:
            self.subscribed.update(streams)
            self._listener.confirmed(streams)
        else:
            self.subscribed.difference_update(streams)
