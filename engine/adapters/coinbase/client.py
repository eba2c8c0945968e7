"""Speaks Coinbase's stream protocol: asks at the pace that is allowed, follows the numbers, passes on what is said."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

import msgspec

from engine.adapters.coinbase import messages as m
from engine.adapters.texts import Unreadable
from engine.clock import NS_PER_S, Clock
from engine.model.instrument import Symbol
from engine.model.text import clean

PACE_S = 0.15
"""Between two requests: the venue takes eight a second from one address."""
_IGNORED = frozenset((m.SUBSCRIPTIONS, ""))


class Listener(Protocol):
    """Who is told of what comes."""

    def opened(self) -> None:
        """Begin anew: nothing is subscribed."""

    def lost(self, reason: str) -> None:
        """Distrust what was said."""

    def message(self, envelope: m.Envelope) -> None:
        """Take market data, or how products are."""

    def refused(self, feed: str, symbol: str, reason: str) -> None:
        """Hear that the venue refused something."""

    def malformed(self, error: Unreadable) -> None:
        """Hear of a frame that could not be read."""

    def renew(self, reason: str) -> None:
        """Begin a new connection: this one lacks something."""


@dataclass
class Request:
    """Something to ask for, or to ask for no more."""

    kind: str
    channel: str
    products: list[Symbol]


class CoinbaseClient:
    """One conversation after the other; what is asked is asked again by the listener when a new one begins."""

    def __init__(self, clock: Clock, listener: Listener, token: Callable[[], str]) -> None:
        self.send: Callable[[str], None] = lambda _: None
        self.subscribed: dict[str, set[str]] = {}
        """Products of each channel that the venue confirmed."""
        self._clock = clock
        self._listener = listener
        self._token = token
        self._waiting: deque[Request] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self._latest_ns: int | None = None
        self._next: int | None = None
        """The number of the next frame, None before the first."""
        self._is_over = False
        """Whether nothing is believed that still comes on this connection."""

    def subscribe(self, channel: str, products: Iterable[Symbol] = ()) -> None:
        """Ask for a channel."""
        self._ask_soon("subscribe", channel, products)

    def unsubscribe(self, channel: str, products: Iterable[Symbol]) -> None:
        """Ask for a channel no more."""
        self._ask_soon("unsubscribe", channel, products)

    def leave(self) -> None:
        """Believe nothing more that comes on this connection."""
        self._is_over = True

    # What the stream calls

    def opened(self) -> None:
        """Begin anew."""
        self._forget()
        self._listener.opened()

    def lost(self, reason: str) -> None:
        """Stop believing what was said."""
        self._forget()
        self._listener.lost(reason)

    def ping(self) -> None:
        """Ask nothing: heartbeats come every second, and frames of the transport say whether anyone is there."""

    def take(self, frame: bytes) -> bool:
        """Take a frame; tell whether it proves that the market's data still comes."""
        if self._is_over:
            return False
        try:
            envelope = m.read_envelope(frame)
            return self._follows(envelope.sequence_num) and self._heard(envelope)
        except Unreadable as error:
            self._listener.malformed(error)
            return False

    def _follows(self, number: int | None) -> bool:
        """Tell whether nothing is missing before a frame; where something is, it is time for a new connection."""
        if number is None:
            return True
        expected, self._next = self._next, number + 1
        if expected in {None, number}:
            return True
        self._listener.renew(f"its message {expected} did not come, but {number}")
        return False

    def _heard(self, envelope: m.Envelope) -> bool:
        if envelope.type == "error":
            self._listener.refused("", "", clean(envelope.message, 120))
        elif envelope.channel == m.SUBSCRIPTIONS:
            for event in m.read_subscribed(envelope.events):
                self.subscribed.update((name, {*found}) for name, found in event.subscriptions.items())
        elif not envelope.channel:
            raise Unreadable("bad_message", "expected a channel")
        else:
            self._listener.message(envelope)
        return envelope.channel not in _IGNORED

    def _forget(self) -> None:
        self.subscribed.clear()
        self._waiting.clear()
        if self._timer is not None:
            self._timer.cancel()
        self._timer, self._latest_ns = None, None
        self._next, self._is_over = None, False

    def _ask_soon(self, kind: str, channel: str, products: Iterable[Symbol]) -> None:
        """Ask at once, or with what else is wanted of the channel when the pace allows it."""
        latest = next((each for each in reversed(self._waiting) if each.channel == channel), None)
        if latest is not None and latest.kind == kind:
            latest.products.extend(products)
        else:
            self._waiting.append(Request(kind, channel, list(products)))
        self._pace()

    def _pace(self) -> None:
        if self._timer is None and self._waiting:
            passed_s = PACE_S
            if self._latest_ns is not None:
                passed_s = (self._clock.monotonic_ns() - self._latest_ns) / NS_PER_S
            self._timer = asyncio.get_running_loop().call_later(max(0.0, PACE_S - passed_s), self._ask)

    def _ask(self) -> None:
        self._timer, self._latest_ns = None, self._clock.monotonic_ns()
        request = self._waiting.popleft()
        if request.kind == "unsubscribe":
            self.subscribed.get(request.channel, set()).difference_update(request.products)
        terms = {"type": request.kind, "product_ids": request.products, "channel": request.channel}
        if token := self._token():
            terms["jwt"] = token
        self.send(msgspec.json.encode(terms).decode())
        self._pace()
