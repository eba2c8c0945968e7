"""Coinbase as a source of market data: whole books, prints, touches, halts, and the minutes before."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence

from msgspec import Raw

from engine.adapters.coinbase import messages as m
from engine.adapters.coinbase import parse as p
from engine.adapters.coinbase.api import CoinbaseApi
from engine.adapters.coinbase.client import CoinbaseClient
from engine.adapters.coinbase.enquiry import look_up, told_elsewhere
from engine.adapters.coinbase.history import closed
from engine.adapters.live.listed import Listed
from engine.adapters.live.source import LiveSource
from engine.adapters.texts import TextUnits, Unreadable, moment_ns
from engine.clock import Clock
from engine.errors import AdapterError, BreakerOpenError, DataError, RejectedError, ThrottledError
from engine.messages.events import Severity
from engine.model.bar import RecordedBar
from engine.model.depth import SequenceRule
from engine.model.instrument import Symbol
from engine.model.market_status import StatusChange
from engine.model.text import clean
from engine.ports.secrets import Credential
from engine.settings.venues import CoinbaseSettings
from engine.transport.address import checked_url
from engine.transport.breaker import OPEN_S
from engine.transport.dialling import RETRY_S_MAX
from engine.transport.stream import SILENCE_S, Stream

CHANNELS = ("level2", "market_trades", "ticker")
"""What is asked of each product, besides how it is."""
FRAME_BYTES_MAX = 16 << 20
"""The first message about a book is the whole of it, above 5 MB for the largest; the venue's own client takes 10."""
LOOK_S = 60.0
"""How often the products are read again: their modes, and the venue's clock."""
AGAIN_S = 2.0
"""After a read that failed."""
MEASURE_S = 2.0
"""How long the venue's clock is waited for: without a subscription it ends a connection after 5 s."""
_LOOKS, _MISSING, _KEY = "looks", "missing", "key"


class CoinbaseSource(LiveSource):
    """Delivers the products it was made for until it is cancelled."""

    stream: Stream
    name = p.SOURCE
    label = p.LABEL
    rule = SequenceRule.CONTIGUOUS
    """By our own count for each book: a change that can't be read is a gap in it."""
    follows_more = True

    def __init__(
        self,
        settings: CoinbaseSettings,
        symbols: Sequence[Symbol],
        clock: Clock,
        credential: Credential | None = None,
        *,
        why_no_key: str = "",
        silence_s: float = SILENCE_S,
        retry_s_max: float = RETRY_S_MAX,
        open_s: float = OPEN_S,
        look_s: float = LOOK_S,
    ) -> None:
        """Take the settings and the key, or why it is not known whether one is kept; nothing is dialled yet.

        Raises:
            ConfigError: an address or the key is none.
        """
        super().__init__(symbols, clock, open_s=open_s)
        self._look_s = look_s
        self._why_no_key = why_no_key
        self._asked: set[Symbol] = set()
        """Those whose feeds were asked for on this connection."""
        self._counts: dict[Symbol, int] = {}
        """How many messages came about each book."""
        self._modes: dict[Symbol, str] = {}
        """Why orders can't meet, by the last look at the products."""
        self._looking: asyncio.Task[None] | None = None
        data, history = self.circuits
        api_url = checked_url("venues.coinbase.api_url", settings.api_url, "https")
        self.api = CoinbaseApi(api_url, data, history, clock, credential)
        self.api.key_refused = self._key_refused
        self.skew = self.api.skew
        self.client = CoinbaseClient(clock, self, self.api.tokens.token)
        self.stream = Stream(
            checked_url("venues.coinbase.stream_url", settings.stream_url, "wss"),
            data,
            clock,
            self.client,
            silence_s=silence_s,
            retry_s_max=retry_s_max,
            frame_bytes_max=FRAME_BYTES_MAX,
        )
        self.client.send = self.stream.send
        self._takes: dict[str, Callable[[m.Envelope, int], None]] = {
            m.BOOKS: self._books,
            m.TRADES: self._trades,
            m.TICKER: self._touches,
            m.STATUS: self._statuses,
        }

    # What the client calls

    def opened(self) -> None:
        """Look up the products, and ask for everything once they are known."""
        assert self._tasks is not None
        self._connected_again()
        if self._why_no_key:
            text = f"{self.label} is followed without a key: {clean(self._why_no_key)}"
            self._tell_once(_KEY, Severity.INFO, text)
        self._looking = self._tasks.create_task(self._look_on())

    def lost(self, reason: str) -> None:
        """Distrust everything until it is said again."""
        self._asked.clear()
        if self._looking is not None:
            self._looking.cancel()
        super().lost(reason)

    def renew(self, reason: str) -> None:
        """Begin a new connection; this one is not listened to any more."""
        self.client.leave()
        self.stream.renew(reason)

    def refused(self, feed: str, symbol: str, reason: str) -> None:
        """Say that something was refused; where that is the key, go on without it."""
        if self.api.tokens.has_key and "authenticat" in reason.lower():
            self._key_refused(reason)
        else:
            super().refused(feed or "a request", symbol, reason)

    def message(self, envelope: m.Envelope) -> None:
        """Take market data, or how products are; what else there is says only that the connection lives."""
        take = self._takes.get(envelope.channel)
        if take is not None:
            take(envelope, self._clock.now_ns())

    # Market data

    def _books(self, envelope: m.Envelope, received_ns: int) -> None:
        try:
            events = m.read_books(envelope.events)
        except Unreadable:
            for symbol in self._counts:  # whose change it was is not known
                self._counts[symbol] += 1
            raise
        for event in events:
            try:
                self._book(event, moment_ns(envelope.timestamp), received_ns)
            except Unreadable as error:
                self.malformed(error)

    def _book(self, event: m.BookEvent, at_ns: int, received_ns: int) -> None:
        assert self._sink is not None
        listed = self._of(event.product_id)
        number = self._counts[listed.symbol] = self._counts.get(listed.symbol, 0) + 1
        if event.type == m.SNAPSHOT:
            self._sink.on_snapshot(p.snapshot_of(event, listed.units, number, at_ns, received_ns))
        else:
            self._sink.on_delta(p.delta_of(event, listed.units, number, at_ns, received_ns))

    def _trades(self, envelope: m.Envelope, received_ns: int) -> None:
        """Hand on prints in the order of their ids; what was handed on before a reconnect comes again."""
        assert self._sink is not None
        matches = [match for event in m.read_trades(envelope.events) for match in event.trades]
        for match in sorted(matches, key=lambda each: p.number_of(each.trade_id)):
            listed = self._of(match.product_id)
            trade = p.trade_of(match, listed.units, received_ns)
            if listed.is_new(trade):
                self._sink.on_trade(trade)

    def _touches(self, envelope: m.Envelope, received_ns: int) -> None:
        assert self._sink is not None
        at_ns = moment_ns(envelope.timestamp)
        for event in m.read_tickers(envelope.events):
            for each in event.tickers:
                units = self._of(each.product_id).units
                bid, ask = (each.best_bid, each.best_bid_quantity), (each.best_ask, each.best_ask_quantity)
                self._sink.on_quote(p.quote_of(units, bid, ask, at_ns, received_ns))

    # Products

    def _statuses(self, envelope: m.Envelope, received_ns: int) -> None:
        for event in m.read_statuses(envelope.events):
            for product in event.products:
                listed = self._listed.get(Symbol(product.id))
                if listed is not None and listed.status != product.status:
                    listed.status = product.status
                    self._say_status(listed, received_ns)

    def _status_of(self, listed: Listed, received_ns: int) -> StatusChange:
        return p.status_of(listed.symbol, listed.status, self._modes.get(listed.symbol, ""), received_ns)

    async def _look_on(self) -> None:
        """Look the products up, and again and again: their modes are told nowhere else."""
        await self._measure()
        self.client.subscribe(m.HEARTBEATS)
        while True:
            try:
                await self._look()
            except (AdapterError, DataError) as error:
                text = f"the products can't be looked up: {clean(str(error), 120)}"
                self._tell_once(_LOOKS, Severity.WARNING, text)
                await asyncio.sleep(_pause_s(error))
            else:
                self._is_well(_LOOKS)
                await asyncio.sleep(self._look_s)
                await self._measure()

    async def _measure(self) -> None:
        """Learn the venue's clock; where that fails, the one that is known counts."""
        try:
            async with asyncio.timeout(MEASURE_S):
                await self.api.measure()
        except (AdapterError, DataError, TimeoutError):
            return

    async def _look(self) -> None:
        products, missing = await look_up(self.api, self.wanted)
        if missing:
            self._tell_once(_MISSING, Severity.CRITICAL, missing)
        self._list_all({name: raw for name, raw in products.items() if name in self.wanted})
        self._begin()

    async def _look_up(self, symbol: Symbol) -> None:
        products, missing = await look_up(self.api, (symbol,))
        if missing:
            raise RejectedError(missing)
        self._list_all(products)

    def _list_all(self, products: Mapping[str, Raw]) -> None:
        received_ns = self._clock.now_ns()
        for name, raw in products.items():
            try:
                self._list_product(m.read_product(raw), received_ns)
            except Unreadable as error:
                self._odd(name, error)

    def _list_product(self, product: m.Product, received_ns: int) -> None:
        if elsewhere := told_elsewhere(product):
            self._tell_once(product.product_id, Severity.CRITICAL, elsewhere)
            return
        instrument = p.instrument_of(product)
        self._modes[instrument.symbol] = p.mode_of(product)
        self._list(instrument, product.status, received_ns)

    def _key_refused(self, reason: str) -> None:
        """Go on without the key: what is public needs none."""
        self.api.tokens.drop_key()
        text = f"{self.label} does not take the key: {reason}; its market is followed without it"
        self._tell_once(_KEY, Severity.WARNING, text)
        self.renew("the market is asked for without the key")

    # How it is asked

    def _subscribe(self, symbols: Iterable[Symbol]) -> None:
        new = [symbol for symbol in symbols if symbol not in self._asked]
        if new and self.stream.is_open:
            self._asked.update(new)
            for channel in (*CHANNELS, m.STATUS):
                self.client.subscribe(channel, new)

    def _unsubscribe(self, symbol: Symbol) -> None:
        if symbol in self._asked:
            self._asked.discard(symbol)
            for channel in (*CHANNELS, m.STATUS):
                self.client.unsubscribe(channel, [symbol])

    def _refresh(self, symbol: Symbol) -> None:
        if symbol in self._asked:
            self.client.unsubscribe(CHANNELS[0], [symbol])
            self.client.subscribe(CHANNELS[0], [symbol])

    def _confirmed(self) -> tuple[int, int]:
        there = sum(len(self.client.subscribed.get(each, set()) & self._listed.keys()) for each in CHANNELS)
        return there, len(CHANNELS) * len(self.wanted)

    async def _minutes(self, units: TextUnits, since_ns: int) -> list[RecordedBar]:
        minutes = await self.api.minutes(units.instrument.symbol, since_ns)
        return closed(minutes, units, self._clock.now_ns())

    async def _close(self) -> None:
        await self.api.close()


def _pause_s(error: Exception) -> float:
    """Return how long to wait after a failed read before the next one."""
    if isinstance(error, BreakerOpenError | ThrottledError):
        return max(AGAIN_S, error.retry_after_s)
    return AGAIN_S
