"""Binance as a source of market data: numbered books, prints, touches, and the minutes before."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence

from engine.adapters.binance import messages as m
from engine.adapters.binance import parse as p
from engine.adapters.binance.account import Account
from engine.adapters.binance.api import BinanceApi
from engine.adapters.binance.broker import BinanceBroker
from engine.adapters.binance.client import BinanceClient
from engine.adapters.binance.enquiry import look_up
from engine.adapters.binance.errands import Errands, pause_s
from engine.adapters.binance.history import closed
from engine.adapters.binance.prints import Prints
from engine.adapters.live.listed import Listed
from engine.adapters.live.source import LiveSource
from engine.adapters.texts import TextUnits, Unreadable
from engine.clock import Clock
from engine.errors import AdapterError, DataError, RejectedError
from engine.messages.events import Severity
from engine.model.bar import RecordedBar
from engine.model.depth import SequenceRule
from engine.model.instrument import Instrument, Symbol
from engine.model.market_status import StatusChange
from engine.model.text import clean
from engine.model.trade import Trade
from engine.ports.secrets import Credential
from engine.ports.venue import VenueRow
from engine.settings.venues import BinanceSettings
from engine.transport.address import checked_url
from engine.transport.breaker import OPEN_S
from engine.transport.dialling import RETRY_S_MAX
from engine.transport.stream import SILENCE_S, Stream

STREAMS = ("depth@100ms", "trade", "bookTicker")
LOOK_S = 60.0
"""How often the instruments are read again: whether they trade, the venue's clock and its limits."""
_LOOKS, _MISSING = "looks", "missing"
LIFETIME_S = 23.8 * 3600
"""The venue ends every connection after 24 hours; ours is renewed before."""


class BinanceSource(LiveSource):
    """Delivers the symbols it was made for until it is cancelled."""

    stream: Stream
    name = p.SOURCE
    label = p.LABEL
    rule = SequenceRule.BINANCE_SPOT
    follows_more = True

    def __init__(
        self,
        settings: BinanceSettings,
        symbols: Sequence[Symbol],
        clock: Clock,
        *,
        credential: Credential | None = None,
        silence_s: float = SILENCE_S,
        retry_s_max: float = RETRY_S_MAX,
        open_s: float = OPEN_S,
        lifetime_s: float = LIFETIME_S,
        look_s: float = LOOK_S,
    ) -> None:
        """Take the settings; nothing is dialled yet.

        Raises:
            ConfigError: an address is none.
        """
        super().__init__(symbols, clock, open_s=open_s)
        self._lifetime_s = lifetime_s
        self._look_s = look_s
        self._prints: dict[Symbol, Prints] = {}
        self._asked: set[Symbol] = set()
        """Those whose streams were asked for on this connection."""
        self._beside: list[asyncio.Task[None]] = []
        """What runs while a connection lasts."""
        self._is_renewing = False
        data, history = self.circuits
        api_url = checked_url("venues.binance.api_url", settings.api_url, "https")
        self.api = BinanceApi(api_url, data, history, clock)
        self.skew = self.api.skew
        self._errands = Errands(self._read_failed)
        self.client = BinanceClient(clock, self)
        stream_url = checked_url("venues.binance.stream_url", settings.stream_url, "wss") + "/stream"
        self.stream = Stream(
            stream_url, data, clock, self.client, silence_s=silence_s, retry_s_max=retry_s_max
        )
        self.client.send = self.stream.send
        self.account: Account | None = None
        """What leads to the account there; only with a credential."""
        if credential is not None:
            self.account = Account(settings, credential, clock, open_s=open_s)
            self.account.admission.alert = self._alert
            for circuit in self.account.requests.circuits:
                circuit.changed = circuit.called = self._circuit_told

    # What the client calls

    def opened(self) -> None:
        """Look up the instruments, and ask for everything once they are known."""
        assert self._tasks is not None
        self._connected_again()
        works = (self._look_on(), self._errands.run(), self._grow_old())
        self._beside = [self._tasks.create_task(each) for each in works]

    def lost(self, reason: str) -> None:
        """Distrust everything until it is said again."""
        self._errands.forget()
        self._asked.clear()
        for task in self._beside:
            task.cancel()
        for prints in self._prints.values():
            prints.begin()
        if self._is_renewing:
            self._is_renewing = False
            self._distrust(reason)
            self._alert(Severity.INFO, f"{self.label}'s connection is renewed: {reason}")
        else:
            super().lost(reason)

    def renew(self, reason: str) -> None:
        """Begin a new connection before this one ends."""
        self._is_renewing = self.stream.is_open
        self.stream.renew(reason)

    def confirmed(self, streams: tuple[str, ...]) -> None:
        """Get the books that changes come for now, and the prints before the first that comes."""
        for symbol in self._listed:
            if stream_of(symbol, STREAMS[0]) in streams:
                self._errands.add(self._snapshot, symbol)
                self._errands.add(self._missed, symbol)

    def event(self, event: m.Event) -> None:
        """Take market data."""
        assert self._sink is not None
        received_ns = self._clock.now_ns()
        if event.kind == "depthUpdate":
            self._sink.on_delta(p.delta_of(event, self._of(event.symbol).units, received_ns))
        elif event.kind == "trade":
            units = self._of(event.symbol).units
            trade = p.trade_of(event, units, event.trade_id, received_ns)
            self._prints[units.instrument.symbol].take(trade)
        elif not event.kind:
            self._sink.on_quote(p.quote_of(event, self._of(event.symbol).units, received_ns))

    # Reading

    async def _snapshot(self, symbol: Symbol) -> None:
        """Hand on a whole book; the market room fits the changes to it, and asks again where they do not fit."""
        assert self._sink is not None
        if symbol not in self._listed:
            return
        book = await self.api.book(symbol)
        if (listed := self._listed.get(symbol)) is not None:
            self._sink.on_snapshot(p.snapshot_of(book, listed.units, self._clock.now_ns()))
            self._is_well(symbol)

    async def _missed(self, symbol: Symbol) -> None:
        """Hand on the prints that came before the stream did; the stream's wait for them."""
        trades: list[Trade] = []
        try:
            events = await self.api.prints(symbol)
            trades = self._trades(symbol, events)
        except (AdapterError, DataError) as error:
            if symbol in self._listed:
                self._alert(Severity.WARNING, f"{symbol} may lack prints: {clean(str(error), 120)}")
        if symbol in self._prints:
            self._prints[symbol].caught_up(trades)

    def _trades(self, symbol: Symbol, events: Iterable[m.Event]) -> list[Trade]:
        units, now_ns = self._of(symbol).units, self._clock.now_ns()
        return [p.trade_of(each, units, each.trade_id, now_ns) for each in events]

    def _hand_on(self, trade: Trade) -> None:
        assert self._sink is not None
        self._sink.on_trade(trade)

    async def _minutes(self, units: TextUnits, since_ns: int) -> list[RecordedBar]:
        minutes = await self.api.minutes(units.instrument.symbol, since_ns)
        return closed(minutes, units, self._clock.now_ns())

    def _read_failed(self, symbol: Symbol, error: Exception) -> None:
        if isinstance(error, Unreadable):
            self.malformed(error)
        self._tell_once(symbol, Severity.WARNING, f"no book of {symbol}: {clean(str(error), 120)}")

    # Instruments

    async def _look_on(self) -> None:
        """Look the symbols up, and again and again: a halt is told nowhere else."""
        while True:
            try:
                await self._look()
            except (AdapterError, DataError) as error:
                self._tell_once(
                    _LOOKS, Severity.WARNING, f"the symbols can't be looked up: {clean(str(error), 120)}"
                )
                await asyncio.sleep(pause_s(error))
            else:
                self._is_well(_LOOKS)
                await asyncio.sleep(self._look_s)

    async def _look(self) -> None:
        info, missing = await look_up(self.api, self.wanted)
        if missing:
            self._tell_once(_MISSING, Severity.CRITICAL, missing)
        self._list_all(info, self.wanted)
        self._begin()

    async def _look_up(self, symbol: Symbol) -> None:
        info, missing = await look_up(self.api, (symbol,))
        if missing:
            raise RejectedError(missing)
        self._list_all(info, (symbol,))

    def _list_all(self, info: m.Info, wanted: Sequence[Symbol]) -> None:
        received_ns = self._clock.now_ns()
        for raw in info.symbols:
            name = m.named(raw)
            if name in wanted:
                try:
                    pair, rules = m.read_pair(raw)
                    self._list(p.instrument_of(pair, rules), pair.status, received_ns)
                except Unreadable as error:
                    self._odd(name, error)
        for symbol, listed in self._listed.items():
            self._prints.setdefault(symbol, Prints(listed, self._hand_on))

    async def _grow_old(self) -> None:
        await asyncio.sleep(self._lifetime_s)
        self.renew("its 24 hours are almost over")

    def _status_of(self, listed: Listed, received_ns: int) -> StatusChange:
        return p.status_of(listed.symbol, listed.status, received_ns)

    # How it is asked

    def _subscribe(self, symbols: Iterable[Symbol]) -> None:
        new = [symbol for symbol in symbols if symbol not in self._asked]
        if new and self.stream.is_open:
            self._asked.update(new)
            self.client.subscribe(stream_of(symbol, each) for symbol in new for each in STREAMS)

    def _unsubscribe(self, symbol: Symbol) -> None:
        self._prints.pop(symbol, None)
        if symbol in self._asked:
            self._asked.discard(symbol)
            self.client.unsubscribe(stream_of(symbol, each) for each in STREAMS)

    def _refresh(self, symbol: Symbol) -> None:
        if self.stream.is_open:
            self._errands.add(self._snapshot, symbol)

    def _confirmed(self) -> tuple[int, int]:
        wanted = {stream_of(symbol, each) for symbol in self._listed for each in STREAMS}
        return len(wanted & self.client.subscribed), len(self.wanted) * len(STREAMS)

    def rows(self) -> tuple[VenueRow, ...]:
        """Return the rows of the health board."""
        account = self.account.rows() if self.account is not None else ()
        return (*super().rows(), self.api.weights.row(), *account)

    def make_broker(self, account: str, instruments: Mapping[Symbol, Instrument]) -> BinanceBroker:
        """Return the broker for the account; `account` is the desk's name of it. It needs a credential."""
        assert self.account is not None
        return self.account.make_broker(account, instruments)

    async def _close(self) -> None:
        await self.api.close()
        if self.account is not None:
            await self.account.requests.close()


def stream_of(symbol: Symbol, feed: str) -> str:
    """Return the name of a stream; it has the symbol in small letters."""
    return f"{symbol.lower()}@{feed}"
