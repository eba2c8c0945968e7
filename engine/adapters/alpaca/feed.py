"""One of Alpaca's market data streams as a source: shares, or coins with their books."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from engine.adapters.alpaca import data_messages as m
from engine.adapters.alpaca import data_reading as r
from engine.adapters.alpaca.assets import instrument_of
from engine.adapters.alpaca.data_client import DataClient
from engine.adapters.alpaca.listings import Listings
from engine.adapters.alpaca.messages import read_clock
from engine.adapters.alpaca.requests import TradingRequests, auth_headers
from engine.adapters.alpaca.times import text_of, time_ns
from engine.adapters.live.listed import Listed
from engine.adapters.live.source import LiveSource
from engine.adapters.texts import TextUnits, Unreadable
from engine.clock import NS_PER_S, Clock
from engine.errors import AdapterError, DataError, RejectedError
from engine.messages.events import Severity
from engine.model.bar import RecordedBar
from engine.model.depth import SequenceRule
from engine.model.instrument import Symbol
from engine.model.market_status import StatusChange
from engine.model.text import clean
from engine.ports.secrets import Credential
from engine.transport.breaker import OPEN_S
from engine.transport.dialling import SIGN_S
from engine.transport.http import HttpReader
from engine.transport.skew import ClockSkew, measure
from engine.transport.stream import Stream

MINUTES: Final = 1000
"""How many minutes before now are asked for."""
BACK_NS: Final = 5 * 86_400 * NS_PER_S
"""How far back they may lie: over a long weekend."""
SILENCE_S: Final = 30.0
RETRY_S_MAX: Final = 30.0
ASK_AGAIN_S: Final = 5.0
"""How long after an asset could not be asked for it is asked for again."""
HOURS_S: Final = 30.0
"""Between two looks at whether the exchanges are open."""
STOPS: Final = {
    402: (60.0, "Alpaca does not accept the key"),
    406: (30.0, "another client has the key's one connection to this data"),
    408: (60.0, "Alpaca does not have this data for the key"),
    409: (60.0, "the key's subscription does not have this data: see venues.alpaca.feed"),
}
"""Refusals after which the venue is left alone for long, and why."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What sets one stream apart from the other."""

    name: str
    label: str
    channels: tuple[str, ...]
    bars_path: str
    bars_terms: Mapping[str, str]
    has_hours: bool = False


def shares(feed: str) -> Kind:
    """Return the kind of the shares' stream; `feed` is whose prices."""
    terms = {"feed": feed, "adjustment": "raw"}
    return Kind(
        "alpaca", "Alpaca", ("trades", "quotes", "statuses"), "/v2/stocks/bars", terms, has_hours=True
    )


COINS: Final = Kind(
    "alpaca-crypto", "Alpaca's crypto data", ("trades", "quotes", "orderbooks"), "/v1beta3/crypto/us/bars", {}
)


class AlpacaFeed(LiveSource):
    """Delivers the symbols of one kind until it is cancelled."""

    stream: Stream
    rule = SequenceRule.NONE
    follows_more = True

    def __init__(
        self,
        kind: Kind,
        url: str,
        data_url: str,
        credential: Credential,
        symbols: Sequence[Symbol],
        requests: TradingRequests,
        clock: Clock,
        *,
        silence_s: float = SILENCE_S,
        retry_s_max: float = RETRY_S_MAX,
        open_s: float = OPEN_S,
    ) -> None:
        self.name, self.label = kind.name, kind.label
        super().__init__(symbols, clock, open_s=open_s)
        self.kind = kind
        self._requests = requests
        self._listings = Listings(requests, {})
        self._is_open = True
        """Whether its exchanges are open, as far as Alpaca said."""
        self.skew = ClockSkew()
        self.client = DataClient(credential, kind.channels, self)
        data, history = self.circuits
        self.stream = Stream(
            url, data, clock, self.client, silence_s=silence_s, ping_s=SIGN_S, retry_s_max=retry_s_max
        )
        self.client.send = self.stream.send
        self._reader = HttpReader(data_url, history, headers=auth_headers(credential))
        self._listing: asyncio.Task[None] | None = None

    # What the client calls

    def admitted(self) -> None:
        """Ask for everything: it is a new connection."""
        assert self._tasks is not None
        self._connected_again()
        self._is_well("refusal")
        if self._listing is None:
            self._listing = self._tasks.create_task(self._list_all())
            if self.kind.has_hours:
                self._tasks.create_task(self._watch_hours())
        else:
            self._begin()

    def failed(self, code: int, text: str) -> None:
        """Leave the venue alone where asking again would not help, and tell a person."""
        stop = STOPS.get(code)
        if stop is None:
            self._alert(Severity.WARNING, f"{self.label} refused something: {text} ({code})")
            return
        for_s, why = stop
        self._tell_once("refusal", Severity.CRITICAL, f"{self.label}: {why} ({text})")
        self.circuits[0].leave_alone(for_s, why)
        self.stream.renew(why)

    def message(self, message: m.Message) -> None:
        """Take market data."""
        assert self._sink is not None
        received_ns = self._clock.now_ns()
        if isinstance(message, m.QuoteText):
            instrument = self._of(message.symbol).units.instrument
            self._sink.on_quote(r.quote_of(message, instrument, self.name, received_ns))
        elif isinstance(message, m.TradeText):
            listed = self._of(message.symbol)
            trade = r.trade_of(message, listed.units.instrument, self.name, received_ns)
            if listed.is_new(trade):
                self._sink.on_trade(trade)
        elif isinstance(message, m.BookText):
            self._book(message, received_ns)
        elif isinstance(message, m.StatusText):
            self._halt(message, received_ns)

    def _book(self, message: m.BookText, received_ns: int) -> None:
        assert self._sink is not None
        instrument = self._of(message.symbol).units.instrument
        if message.r:
            self._sink.on_snapshot(r.snapshot_of(message, instrument, self.name, received_ns))
        else:
            self._sink.on_delta(r.delta_of(message, instrument, self.name, received_ns))

    def _halt(self, message: m.StatusText, received_ns: int) -> None:
        listed, halt = self._of(message.symbol), r.halt_of(message)
        if halt is not None:
            listed.status = halt
            self._say_status(listed, received_ns)

    # Listing

    async def _list_all(self) -> None:
        """List what is wanted, each as soon as Alpaca tells of it."""
        missing = list(self.wanted)
        while missing:
            for symbol in list(missing):
                if symbol not in self.wanted or await self._list_one(symbol):
                    missing.remove(symbol)
            self._begin()
            if missing:
                await asyncio.sleep(ASK_AGAIN_S)

    async def _list_one(self, symbol: Symbol) -> bool:
        """List one symbol; tell whether that is done with, for better or worse."""
        try:
            await self._look_up(symbol)
        except RejectedError as error:
            self._tell_once(symbol, Severity.CRITICAL, f"{symbol} gets no market data: {clean(str(error))}")
            return True
        except (AdapterError, DataError) as error:
            self._tell_once(symbol, Severity.WARNING, f"{symbol} is not listed yet: {clean(str(error))}")
            return False
        return True

    async def _look_up(self, symbol: Symbol) -> None:
        asset = await self._listings.exact(symbol)
        self._is_well(symbol)
        status = "" if asset.tradable else "Alpaca does not let it be traded"
        try:
            self._list(instrument_of(asset), status, self._clock.now_ns())
        except Unreadable as error:
            self._odd(symbol, error)

    # Hours

    async def _watch_hours(self) -> None:
        """Follow whether the exchanges are open, and what time it is there."""
        while True:
            try:
                await self._ask_hours()
            except (AdapterError, DataError) as error:
                self._tell_once(
                    "hours", Severity.WARNING, f"Alpaca's hours are not known: {clean(str(error))}"
                )
            else:
                self._is_well("hours")
            await asyncio.sleep(HOURS_S)

    async def _ask_hours(self) -> None:
        was_open = self._is_open
        await measure(self.skew, self._time_ns, self._clock)
        if self._is_open is not was_open:
            for listed in self._listed.values():
                self._say_status(listed, self._clock.now_ns())

    async def _time_ns(self) -> int:
        told = read_clock(await self._requests.read("/v2/clock", {}))
        self._is_open = told.is_open
        return time_ns(told.timestamp)

    # How it is asked

    def _subscribe(self, symbols: Iterable[Symbol]) -> None:
        self.client.subscribe(symbols)

    def _unsubscribe(self, symbol: Symbol) -> None:
        self.client.unsubscribe(symbol)

    def _refresh(self, symbol: Symbol) -> None:
        if "orderbooks" in self.kind.channels:
            self.client.refresh("orderbooks", symbol)

    def _confirmed(self) -> tuple[int, int]:
        return len(self.client.confirmed), len(self.kind.channels) * len(self.wanted)

    async def _minutes(self, units: TextUnits, since_ns: int) -> list[RecordedBar]:
        now_ns, instrument = self._clock.now_ns(), units.instrument
        terms = {
            "symbols": str(instrument.symbol),
            "timeframe": "1Min",
            "start": text_of(max(since_ns, now_ns - BACK_NS)),
            "limit": f"{MINUTES}",
            "sort": "desc",
            **self.kind.bars_terms,
        }
        told = m.read_bars(await self._reader.get(self.kind.bars_path, terms)).bars or {}
        bars = [r.bar_of(each, instrument, self.name, now_ns) for each in told.get(instrument.symbol) or ()]
        closed = [each for each in bars if each.bar.start_ns + r.MINUTE_NS <= now_ns]
        return sorted(closed, key=lambda each: each.bar.start_ns)

    def _status_of(self, listed: Listed, received_ns: int) -> StatusChange:
        instrument = listed.units.instrument
        return r.status_of(instrument, self.name, listed.status, received_ns, is_open=self._is_open)

    async def _close(self) -> None:
        await self._reader.close()
