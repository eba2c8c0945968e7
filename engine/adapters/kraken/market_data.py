"""Kraken as a source of market data: books with checksums, prints, touches, and the minutes before."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import Raw

from engine.adapters.kraken import messages as m
from engine.adapters.kraken import parse as p
from engine.adapters.kraken.client import KrakenClient
from engine.adapters.kraken.feeds import CHANNELS, Feeds
from engine.adapters.kraken.history import minutes
from engine.adapters.live.listed import Listed, unknown
from engine.adapters.live.source import LiveSource
from engine.adapters.texts import TextUnits, Unreadable
from engine.clock import Clock
from engine.errors import RejectedError, TransientError
from engine.messages.events import Severity
from engine.model.bar import RecordedBar
from engine.model.depth import SequenceRule
from engine.model.instrument import Symbol
from engine.model.market_status import StatusChange
from engine.settings.venues import KrakenSettings
from engine.transport.address import checked_url
from engine.transport.breaker import OPEN_S
from engine.transport.dialling import RETRY_S_MAX
from engine.transport.http import HttpReader
from engine.transport.stream import SILENCE_S, Stream


class KrakenSource(LiveSource):
    """Delivers the pairs it was made for until it is cancelled."""

    name = p.SOURCE
    label = p.LABEL
    rule = SequenceRule.KRAKEN_CHECKSUM
    follows_more = True

    def __init__(
        self,
        settings: KrakenSettings,
        symbols: Sequence[Symbol],
        clock: Clock,
        *,
        silence_s: float = SILENCE_S,
        retry_s_max: float = RETRY_S_MAX,
        open_s: float = OPEN_S,
    ) -> None:
        """Take the settings; nothing is dialled yet.

        Raises:
            ConfigError: an address is none.
        """
        super().__init__(symbols, clock, open_s=open_s)
        self._depth = settings.depth
        self._system = m.ONLINE
        self._pairs: dict[str, Raw] = {}
        """What the venue said last of each pair that it has, not read yet."""
        self.client = KrakenClient(clock, self)
        self.skew = self.client.skew
        data, history = self.circuits
        stream_url = checked_url("venues.kraken.stream_url", settings.stream_url, "wss")
        self.stream = Stream(
            stream_url, data, clock, self.client, silence_s=silence_s, retry_s_max=retry_s_max
        )
        self.client.send = self.stream.send
        rest_url = checked_url("venues.kraken.rest_url", settings.rest_url, "https")
        self._reader = HttpReader(rest_url, history)
        self._feeds = Feeds(self.client, settings.depth, lambda: self.stream.is_open)

    # What the client calls

    def opened(self) -> None:
        """Ask which pairs there are; all else follows from that."""
        self._feeds.begin()
        self._connected_again()
        self.client.subscribe("instrument")

    def message(self, message: m.Message) -> None:
        """Take market data, or how the venue is."""
        received_ns = self._clock.now_ns()
        if isinstance(message, m.BookMessage):
            self._books(message, received_ns)
        elif isinstance(message, m.TickerMessage):
            self._touches(message, received_ns)
        elif isinstance(message, m.TradeMessage):
            self._trades(message, received_ns)
        elif isinstance(message, m.InstrumentMessage):
            self._instruments(message, received_ns)
        elif isinstance(message, m.StatusMessage) and message.data:
            self._system = message.data[-1].system or self._system
            for listed in self._listed.values():
                self._say_status(listed, received_ns)

    # Market data

    def _books(self, message: m.BookMessage, received_ns: int) -> None:
        assert self._sink is not None
        for part in message.data:
            units = self._of(part.symbol).units
            if message.type == "snapshot":
                self._sink.on_snapshot(p.snapshot_of(part, units, self._depth, received_ns))
            else:
                self._sink.on_delta(p.delta_of(part, units, received_ns))

    def _touches(self, message: m.TickerMessage, received_ns: int) -> None:
        assert self._sink is not None
        for part in message.data:
            self._sink.on_quote(p.quote_of(part, self._of(part.symbol).units, received_ns))

    def _trades(self, message: m.TradeMessage, received_ns: int) -> None:
        """Hand on prints in the order of their ids; what was handed on before a reconnect comes again."""
        assert self._sink is not None
        for part in sorted(message.data, key=lambda each: each.trade_id):
            listed = self._of(part.symbol)
            trade = p.trade_of(part, listed.units, received_ns)
            if listed.is_new(trade):
                self._sink.on_trade(trade)

    # Instruments

    def _instruments(self, message: m.InstrumentMessage, received_ns: int) -> None:
        told = {m.named(raw): raw for raw in message.data.pairs}
        is_whole = message.type == "snapshot"
        self._pairs = told if is_whole else {**self._pairs, **told}
        for name in (each for each in told if each in self.wanted):
            self._list_pair(name, received_ns)
        if is_whole:
            if missing := unknown(self.label, self.wanted, told):
                self._alert(Severity.CRITICAL, missing)
            self._begin()

    async def _look_up(self, symbol: Symbol) -> None:
        """List one of the pairs that came when the connection began; the stream tells all there are."""
        if not self._pairs:
            raise TransientError(f"{self.label} has not said yet which pairs it has")
        if missing := unknown(self.label, (symbol,), self._pairs):
            raise RejectedError(missing)
        self._list_pair(symbol, self._clock.now_ns())

    def _list_pair(self, name: str, received_ns: int) -> None:
        try:
            pair = m.read_pair(self._pairs[name])
            self._list(p.instrument_of(pair), pair.status, received_ns)
        except Unreadable as error:
            self._odd(name, error)

    def _status_of(self, listed: Listed, received_ns: int) -> StatusChange:
        return p.status_of(listed.symbol, self._system, listed.status, received_ns)

    # How it is asked

    def _subscribe(self, symbols: Iterable[Symbol]) -> None:
        self._feeds.ask(symbols)

    def _unsubscribe(self, symbol: Symbol) -> None:
        self._feeds.drop(symbol)

    def _refresh(self, symbol: Symbol) -> None:
        self._feeds.refresh(symbol)

    def _confirmed(self) -> tuple[int, int]:
        return self._feeds.confirmed(self._listed.keys()), len(CHANNELS) * len(self.wanted)

    async def _minutes(self, units: TextUnits, since_ns: int) -> list[RecordedBar]:
        return await minutes(self._reader, units, since_ns, self._clock.now_ns())

    async def _close(self) -> None:
        await self._reader.close()
