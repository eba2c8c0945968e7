"""Speaks to one of Alpaca's market data streams: who we are, what is wanted, what comes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, Protocol

import msgspec

from engine.adapters.alpaca import data_messages as m
from engine.adapters.texts import Unreadable
from engine.model.instrument import Symbol
from engine.model.text import clean
from engine.ports.secrets import Credential


class Listener(Protocol):
    """Who is told of what comes."""

    def admitted(self) -> None:
        """Begin anew: nothing is subscribed."""

    def lost(self, reason: str) -> None:
        """Distrust what was said."""

    def message(self, message: m.Message) -> None:
        """Take market data; raises Unreadable for what can't be read."""

    def failed(self, code: int, text: str) -> None:
        """Hear that the venue refused something."""

    def malformed(self, error: Unreadable) -> None:
        """Hear of what could not be read."""


class DataClient:
    """One conversation after the other; what is wanted is asked for again by the listener when a new one begins."""

    def __init__(self, credential: Credential, channels: Sequence[str], listener: Listener) -> None:
        self.send: Callable[[str], None] = lambda _: None
        self.confirmed: set[tuple[str, str]] = set()
        """Channels and symbols that the venue confirmed."""
        self.is_admitted = False
        self._credential = credential
        self._channels: Final = tuple(channels)
        self._listener = listener
        self._asked: dict[Symbol, None] = {}
        self._said = False
        """Whether the venue said anything since it was last asked for a sign."""
        self._answers: dict[type[m.Message], Callable[[Any], None]] = {
            m.Success: self._greeted,
            m.Subscription: self._confirm,
            m.Failure: self._refused,
        }
        """What is no market data; all else is the listener's."""

    def subscribe(self, symbols: Iterable[Symbol]) -> None:
        """Ask for all channels of these that were not asked for on this connection."""
        new = [symbol for symbol in symbols if symbol not in self._asked]
        if new and self.is_admitted:
            self._asked.update(dict.fromkeys(new))
            self._ask("subscribe", self._channels, new)

    def unsubscribe(self, symbol: Symbol) -> None:
        """Ask for a symbol no more."""
        if symbol in self._asked:
            del self._asked[symbol]
            self._ask("unsubscribe", self._channels, [symbol])

    def refresh(self, channel: str, symbol: Symbol) -> None:
        """Ask for one channel of a symbol anew."""
        self._ask("unsubscribe", (channel,), [symbol])
        self._ask("subscribe", (channel,), [symbol])

    # What the stream calls

    def opened(self) -> None:
        """Begin anew; the venue speaks first."""
        self._forget()

    def lost(self, reason: str) -> None:
        """Stop believing what was said."""
        self._forget()
        self._listener.lost(reason)

    def ping(self) -> None:
        """Ask once more for what is wanted, where nothing was said since: the venue answers with all of it."""
        if self._asked and not self._said:
            self._ask("subscribe", self._channels, list(self._asked))
        self._said = False

    def take(self, frame: bytes) -> bool:
        """Take a frame; one that can be read is a sign of life."""
        try:
            messages, faults = m.read_frame(frame)
        except Unreadable as error:
            self._listener.malformed(error)
            return False
        self._said = True
        for fault in faults:
            self._listener.malformed(fault)
        answers, listener = self._answers, self._listener
        for message in messages:
            answer = answers.get(type(message))
            if answer is not None:
                answer(message)
                continue
            try:
                listener.message(message)
            except Unreadable as error:
                listener.malformed(error)
        return bool(messages)

    def _confirm(self, all_of_them: m.Subscription) -> None:
        self.confirmed = {
            (channel, symbol) for channel in self._channels for symbol in getattr(all_of_them, channel)
        }

    def _refused(self, failure: m.Failure) -> None:
        self._listener.failed(failure.code, clean(failure.msg, 120))

    def _greeted(self, greeting: m.Success) -> None:
        step = greeting.msg
        if step == "connected":
            request = {"action": "auth", "key": self._credential.key, "secret": self._credential.secret}
            self.send(msgspec.json.encode(request).decode())
        elif step == "authenticated" and not self.is_admitted:
            self.is_admitted = True
            self._listener.admitted()

    def _ask(self, action: str, channels: Iterable[str], symbols: list[Symbol]) -> None:
        request = {"action": action, **dict.fromkeys(channels, symbols)}
        self.send(msgspec.json.encode(request).decode())

    def _forget(self) -> None:
        self.is_admitted = False
        self.confirmed.clear()
        self._asked.clear()
        self._said = False
