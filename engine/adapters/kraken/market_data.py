"""Kraken as a source of market data: books with checksums, prints, touches, and the minutes before."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from engine.adapters.kraken import messages as m
from engine.adapters.kraken import parse as p
from engine.adapters.kraken.client import KrakenClient
from engine.adapters.kraken.feeds import CHANNELS, Feeds
from engine.adapters.kraken.history import minutes
from engine.adapters.kraken.pairs import Listed, choose, names_of, unknown
from engine.adapters.kraken.resyncs import Resyncs
from engine.adapters.kraken.vitals import rows_of
from engine.adapters.texts import Unreadable
from engine.clock import Clock
from engine.config import KrakenSettings
from engine.errors import AdapterError, DataError, InvalidValue
from engine.messages.circuits import CircuitChanged, Operation
from engine.messages.events import AlertRaised, Severity
from engine.model.depth import SequenceRule
from engine.model.instrument import Symbol
from engine.model.text import clean
from engine.ports.market_data import MarketSink
from engine.ports.venue import VenueRow
from engine.transport.address import checked_url
from engine.transport.breaker import OPEN_S, Breaker
from engine.transport.dialling import RETRY_S_MAX
from engine.transport.http import HttpReader
from engine.transport.stream import SILENCE_S, Stream

HISTORY_S = 5.0
"""How long the minutes of all pairs are waited for: the market itself is worth more."""


class KrakenSource:
    """Delivers the pairs it was made for until it is cancelled."""

    name = p.SOURCE

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
        self.wanted = tuple(dict.fromkeys(symbols))
        self.publish: Callable[[object], None] = lambda _: None
        """Told of circuits that change and of what a person should see."""
        self._clock = clock
        self._depth = settings.depth
        self._listed: dict[Symbol, Listed] = {}
        self._begun: set[Symbol] = set()
        """Those whose minutes were asked for."""
        self._ready: set[Symbol] = set()
        """Those whose minutes have come, or never will."""
        self.unreadable = 0
        """Frames that could not be read."""
        self._system = m.ONLINE
        self._sink: MarketSink | None = None
        self._tasks: asyncio.TaskGroup | None = None
        self.client = KrakenClient(clock, self)
        data, history = (
            Breaker(self.name, each, clock, open_s=open_s) for each in (Operation.DATA, Operation.HISTORY)
        )
        self.circuits = (data, history)
        for circuit in self.circuits:
            circuit.changed = self._circuit_changed
        stream_url = checked_url("venues.kraken.stream_url", settings.stream_url, "wss")
        self.stream = Stream(
            stream_url, data, clock, self.client, silence_s=silence_s, retry_s_max=retry_s_max
        )
        self.client.send = self.stream.send
        rest_url = checked_url("venues.kraken.rest_url", settings.rest_url, "https")
        self._reader = HttpReader(rest_url, history)
        self._feeds = Feeds(self.client, settings.depth, lambda: self.stream.is_open)
        self._resyncs = Resyncs(clock, self._feeds.refresh)
        self.request_snapshot = self._resyncs.ask
        """Ask for a fresh snapshot of a book."""

    async def run(self, sink: MarketSink) -> None:
        """Deliver to the sink until cancelled."""
        self._sink = sink
        try:
            async with asyncio.TaskGroup() as tasks:
                self._tasks = tasks
                await self.stream.run()
        except ExceptionGroup as faults:
            raise faults.exceptions[0] from None
        finally:
            self._resyncs.forget()
            await self._reader.close()

    # What the client calls

    def opened(self) -> None:
        """Ask which pairs there are; all else follows from that."""
        self._feeds.begin()
        if self.stream.connects > 1:
            self._alert(Severity.INFO, "Kraken is connected again")
        self.client.subscribe("instrument")

    def lost(self, reason: str) -> None:
        """Distrust everything until it is said again."""
        self._resyncs.forget()
        if self._sink is not None and self._listed:
            self._sink.on_disconnected(self.name, tuple(self._listed), reason)
        self._alert(Severity.WARNING, f"Kraken is not connected: {reason}")

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

    def refused(self, channel: str, symbol: str, reason: str) -> None:
        """Say that a subscription was refused."""
        self._alert(Severity.WARNING, f"Kraken refused {channel} {symbol}: {reason}")

    def malformed(self, error: Unreadable) -> None:
        """Count a frame that could not be read."""
        self.unreadable += 1
        if self._sink is not None:
            self._sink.on_malformed(self.name, error.reason, clean(error.found))

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
            if 0 < trade.trade_id <= listed.last_trade or 0 < trade.event_ns < listed.since_ns:
                continue
            listed.last_trade = trade.trade_id or listed.last_trade
            self._sink.on_trade(trade)

    def _of(self, symbol: str) -> Listed:
        listed = self._listed.get(Symbol(symbol))
        if listed is None:
            raise Unreadable("unknown_symbol", clean(symbol, 32))
        return listed

    # Instruments

    def _instruments(self, message: m.InstrumentMessage, received_ns: int) -> None:
        for pair in choose(message.data.pairs, self.wanted):
            try:
                self._list(m.read_pair(pair), received_ns)
            except Unreadable as error:  # the others live
                self.malformed(error)
                self._alert(Severity.CRITICAL, f"{m.named(pair)} gets no market data: {clean(str(error))}")
        if message.type == "snapshot":
            if missing := unknown(self.wanted, names_of(message.data.pairs)):
                self._alert(Severity.CRITICAL, missing)
            self._begin()

    def _list(self, pair: m.Pair, received_ns: int) -> None:
        """List a pair, or hear of it again; one that is kept in other units is left alone."""
        assert self._sink is not None
        listed = Listed(pair)
        try:
            self._sink.on_listed(listed.units.instrument, SequenceRule.KRAKEN_CHECKSUM)
        except InvalidValue as error:
            self._drop(listed.symbol, str(error))
            return
        listed = self._listed.setdefault(listed.symbol, listed)
        listed.status = pair.status
        self._say_status(listed, received_ns)

    def _say_status(self, listed: Listed, received_ns: int) -> None:
        assert self._sink is not None
        self._sink.on_status(p.status_of(listed.symbol, self._system, listed.status, received_ns))

    # Subscribing

    def _begin(self) -> None:
        """Subscribe what is ready; what is new gets its minutes first, which must come before all else."""
        assert self._tasks is not None
        self._feeds.ask(symbol for symbol in self._listed if symbol in self._ready)
        new = [listed for symbol, listed in self._listed.items() if symbol not in self._begun]
        if new:
            self._begun.update(listed.symbol for listed in new)
            self._tasks.create_task(self._fill(new))

    async def _fill(self, new: list[Listed]) -> None:
        """Let each pair begin once its minutes have come: one after the other, the venue counts how often it is asked."""
        deadline_s = asyncio.get_running_loop().time() + HISTORY_S
        for listed in new:
            try:
                async with asyncio.timeout_at(deadline_s):
                    await self._history(listed)
            except TimeoutError:
                self._alert(Severity.WARNING, f"no history of {listed.symbol}: it did not come in time")
            self._ready.add(listed.symbol)
            if listed.symbol in self._listed:
                self._feeds.ask([listed.symbol])

    async def _history(self, listed: Listed) -> None:
        """Hand on the minutes before; without them the chart begins now."""
        assert self._sink is not None
        try:
            bars = await minutes(self._reader, listed.units, self._clock.now_ns())
        except (AdapterError, DataError) as error:
            self._alert(Severity.WARNING, f"no history of {listed.symbol}: {clean(str(error))}")
            return
        for bar in bars:
            self._sink.on_bar(bar)
        listed.since_ns = bars[-1].bar.start_ns + bars[-1].bar.interval_ns if bars else 0

    def _drop(self, symbol: Symbol, reason: str) -> None:
        """Take no more data of a pair whose units are not those that it is kept in."""
        assert self._sink is not None
        self._listed.pop(symbol, None)
        self._sink.on_disconnected(self.name, (symbol,), reason)
        self._feeds.drop(symbol)
        self._alert(Severity.CRITICAL, f"{reason}; it gets no market data")

    # What a person should see

    @property
    def connects(self) -> int:
        """How many connections came about."""
        return self.stream.connects

    @property
    def resyncs(self) -> int:
        """How many snapshots were asked for because a book was wrong."""
        return self._resyncs.asked

    @property
    def skew_ns(self) -> int | None:
        """How far Kraken's clock is ahead of ours; None when that is not known."""
        return self.client.skew.skew_ns

    def rows(self) -> tuple[VenueRow, ...]:
        """Return the rows of the health board."""
        wanted = len(CHANNELS) * len(self.wanted)
        return rows_of(
            self.stream,
            self.circuits,
            self.client.skew,
            lambda: (self._feeds.confirmed(self._listed.keys()), wanted),
        )

    def _circuit_changed(self, changed: CircuitChanged) -> None:
        self.publish(changed)

    def _alert(self, severity: Severity, text: str) -> None:
        self.publish(AlertRaised(severity, self.name, text, self._clock.now_ns()))
