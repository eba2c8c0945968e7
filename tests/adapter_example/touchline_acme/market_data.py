"""Acme as a source of market data: books, prints, touches, and the minutes before."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from engine.adapters.live.listed import Listed, unknown
from engine.adapters.live.source import LiveSource
from engine.adapters.texts import TextUnits, Unreadable
from engine.clock import Clock
from engine.errors import RejectedError
from engine.messages.events import Severity
from engine.model.bar import RecordedBar
from engine.model.depth import SequenceRule
from engine.model.instrument import Symbol
from engine.model.market_status import Session, StatusChange
from engine.model.text import clean
from engine.transport.address import checked_url
from engine.transport.breaker import OPEN_S
from engine.transport.dialling import RETRY_S_MAX
from engine.transport.http import HttpReader
from engine.transport.skew import ClockSkew
from engine.transport.stream import SILENCE_S, Stream

from . import messages as m
from .adapter import AcmeSettings


class AcmeSource(LiveSource):
    """Delivers the pairs it was made for until it is cancelled; it reads its own stream."""

    stream: Stream
    name = m.SOURCE
    label = m.LABEL
    rule = SequenceRule.CONTIGUOUS
    follows_more = True

    def __init__(
        self,
        settings: AcmeSettings,
        symbols: Sequence[Symbol],
        clock: Clock,
        *,
        silence_s: float = SILENCE_S,
        retry_s_max: float = RETRY_S_MAX,
        open_s: float = OPEN_S,
    ) -> None:
        """Take the settings; nothing is dialled yet."""
        super().__init__(symbols, clock, open_s=open_s)
        self.skew = ClockSkew()
        self._there: dict[str, m.Pair] = {}
        self._asked: set[Symbol] = set()
        self._confirmed_ones: set[str] = set()
        self._pinged_ns: dict[int, int] = {}
        data, history = self.circuits
        stream_url = checked_url("venues.acme.stream_url", settings.stream_url, "wss")
        self.stream = Stream(stream_url, data, clock, self, silence_s=silence_s, retry_s_max=retry_s_max)
        self._reader = HttpReader(checked_url("venues.acme.rest_url", settings.rest_url, "https"), history)

    # What the stream calls

    def opened(self) -> None:
        """Begin anew: Acme says by itself which pairs it has."""
        self._asked.clear()
        self._confirmed_ones.clear()
        self._pinged_ns.clear()
        self._connected_again()

    def ping(self) -> None:
        """Ask what time it is there; that it answers is no proof that the market's data still comes."""
        number = len(self._pinged_ns) + 1
        self._pinged_ns = {**self._pinged_ns, number: self._clock.now_ns()} if number < 100 else {}
        self._say({"ping": number})

    def take(self, frame: bytes) -> bool:
        """Take a frame; tell whether it proves that the market's data still comes."""
        try:
            message = m.read(frame)
            self._take(message, self._clock.now_ns())
        except Unreadable as error:
            self.malformed(error)
            return False
        return not message.pong

    def _take(self, message: m.Message, received_ns: int) -> None:
        assert self._sink is not None
        if message.book:
            units = self._of(message.book).units
            if message.whole:
                self._sink.on_snapshot(m.snapshot_of(message, units, received_ns))
            else:
                self._sink.on_delta(m.delta_of(message, units, received_ns))
        elif message.touch:
            self._sink.on_quote(m.quote_of(message, self._of(message.touch).units, received_ns))
        elif message.pairs:
            self._pairs(message.pairs, received_ns)
        elif message.following:
            self._confirmed_ones.add(message.following)
        elif message.refused:
            self.refused("", clean(message.refused, 32), "it is not there")
        elif message.pong and (sent_ns := self._pinged_ns.pop(message.pong, 0)):
            self.skew.note(sent_ns, message.at_ns, received_ns)
        for made in message.prints:
            listed = self._of(made.symbol)
            if listed.is_new(trade := m.trade_of(made, listed.units, received_ns)):
                self._sink.on_trade(trade)

    def _pairs(self, pairs: dict[str, m.Pair], received_ns: int) -> None:
        self._there = pairs
        for symbol in self.wanted:
            if symbol in pairs:
                self._list(m.instrument_of(symbol, pairs[symbol]), "online", received_ns)
        if missing := unknown(self.label, self.wanted, pairs):
            self._alert(Severity.CRITICAL, missing)
        self._begin()

    async def _look_up(self, symbol: Symbol) -> None:
        if missing := unknown(self.label, (symbol,), self._there):
            raise RejectedError(missing)
        self._list(m.instrument_of(symbol, self._there[symbol]), "online", self._clock.now_ns())

    # What every source is asked

    def _subscribe(self, symbols: Iterable[Symbol]) -> None:
        for symbol in symbols:
            if symbol not in self._asked and self.stream.is_open:
                self._asked.add(symbol)
                self._say({"follow": symbol})

    def _unsubscribe(self, symbol: Symbol) -> None:
        self._asked.discard(symbol)
        self._confirmed_ones.discard(symbol)
        self._say({"leave": symbol})

    def _refresh(self, symbol: Symbol) -> None:
        self._say({"again": symbol})

    def _confirmed(self) -> tuple[int, int]:
        return len(self._confirmed_ones), len(self.wanted)

    async def _minutes(self, units: TextUnits, since_ns: int) -> list[RecordedBar]:
        asked = {"symbol": units.instrument.symbol, "since_ns": str(since_ns)}
        return m.minutes_of(await self._reader.get("/minutes", asked), units, self._clock.now_ns())

    def _status_of(self, listed: Listed, received_ns: int) -> StatusChange:
        return StatusChange(listed.symbol, self.name, Session.OPEN, "", 0, received_ns)

    async def _close(self) -> None:
        await self._reader.close()

    def _say(self, request: dict[str, object]) -> None:
        self.stream.send(json.dumps(request))
