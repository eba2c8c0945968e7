"""Alpaca as a source of market data: its stream of shares and its stream of coins, whichever are wanted."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence

from engine.adapters.alpaca.admission import Admission
from engine.adapters.alpaca.assets import VENUE
from engine.adapters.alpaca.broker import AlpacaBroker
from engine.adapters.alpaca.feed import COINS, RETRY_S_MAX, SILENCE_S, AlpacaFeed, Kind, shares
from engine.adapters.alpaca.listings import Listings
from engine.adapters.alpaca.requests import TradingRequests
from engine.adapters.alpaca.vitals import rows_of
from engine.clock import Clock
from engine.messages.events import AlertRaised, Severity
from engine.model.instrument import Instrument, Symbol
from engine.ports.market_data import MarketSink
from engine.ports.secrets import Credential
from engine.ports.venue import VenueRow
from engine.settings.venues import AlpacaSettings
from engine.transport.address import checked_url
from engine.transport.breaker import OPEN_S, Breaker


class AlpacaSource:
    """Delivers the symbols it was made for until it is cancelled; those with a slash are coins.

    The account there is reached through the same requests, so a broker for it is made here, if one is wanted.
    """

    name = VENUE
    follows_more = True

    def __init__(
        self,
        settings: AlpacaSettings,
        credential: Credential,
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
        self.wanted: tuple[Symbol, ...] = ()
        self.publish: Callable[[object], None] = lambda _: None
        """Told of circuits that change and of what a person should see."""
        self.known_to_ns: Callable[[Symbol], int] = lambda _: 0
        """Where the minutes end that need not be asked for."""
        self.broker: AlpacaBroker | None = None
        """Who trades the account, where orders go there."""
        self._settings = settings
        self._credential = credential
        self._clock = clock
        self._sink: MarketSink | None = None
        self._tasks: asyncio.TaskGroup | None = None
        trading_url = checked_url("venues.alpaca.trading_url", settings.trading_url, "https")
        self._stream_url = checked_url("venues.alpaca.stream_url", settings.stream_url, "wss")
        self._data_url = checked_url("venues.alpaca.data_url", settings.data_url, "https")
        self._trades_url = checked_url("venues.alpaca.trades_url", settings.trades_url, "wss")
        self.requests = TradingRequests(trading_url, credential, clock, open_s=open_s)
        self._patience = {"silence_s": silence_s, "retry_s_max": retry_s_max, "open_s": open_s}
        self._shares = shares(settings.feed)
        self.feeds: tuple[AlpacaFeed, ...] = ()
        """The streams that are followed, that of the shares first."""
        self.want(symbols)
        for circuit in self.requests.circuits:
            circuit.changed = circuit.called = self._publish

    def want(self, symbols: Iterable[Symbol]) -> None:
        """Follow these too, before it runs."""
        symbols = dict.fromkeys(symbols)
        for symbol in symbols:
            if (feed := self._feed_of(symbol)) is None:
                self._add_feed(symbol)
            else:
                feed.want([symbol])
        self.wanted = tuple(dict.fromkeys((*self.wanted, *symbols)))

    async def follow(self, symbol: Symbol) -> None:
        """Follow one more: over the stream of its kind, a new one where nothing of its kind was followed.

        Raises:
            AdapterError: Alpaca is not connected, did not answer, or has no such symbol.
            DataError: what it says of the symbol is of no use here.
        """
        if (feed := self._feed_of(symbol)) is not None:
            await feed.follow(symbol)
        else:
            await Listings(self.requests, {}).exact(symbol)
            assert self._tasks is not None
            assert self._sink is not None
            self._tasks.create_task(self._add_feed(symbol).run(self._sink))
        self.wanted = tuple(dict.fromkeys((*self.wanted, symbol)))

    def leave(self, symbol: Symbol) -> None:
        """Follow a symbol no more.

        Raises:
            RejectedError: it is the only one of its stream.
        """
        if (feed := self._feed_of(symbol)) is not None:
            feed.leave(symbol)
        self.wanted = tuple(each for each in self.wanted if each != symbol)

    def _feed_of(self, symbol: Symbol) -> AlpacaFeed | None:
        return next((each for each in self.feeds if each.kind is self._kind_of(symbol)), None)

    def _kind_of(self, symbol: Symbol) -> Kind:
        return COINS if "/" in symbol else self._shares

    def _add_feed(self, symbol: Symbol) -> AlpacaFeed:
        kind = self._kind_of(symbol)
        path = "/v1beta3/crypto/us" if kind is COINS else f"/v2/{self._settings.feed}"
        url, keys = self._stream_url + path, self._credential
        feed = AlpacaFeed(
            kind, url, self._data_url, keys, [symbol], self.requests, self._clock, **self._patience
        )
        feed.publish = self._publish
        feed.known_to_ns = self._known_to_ns
        self.feeds = tuple(sorted((*self.feeds, feed), key=lambda each: each.kind is COINS))
        return feed

    def make_broker(self, account: str, instruments: Mapping[Symbol, Instrument]) -> AlpacaBroker:
        """Return the broker for the account; `account` is the desk's name of it."""
        admission = Admission(
            self._trades_url,
            self.requests.account_circuit,
            self._credential,
            self._clock,
            account_number=self._settings.account,
        )
        admission.alert = self._alert
        self.broker = AlpacaBroker(self.requests, admission, account, self._clock, instruments)
        return self.broker

    async def run(self, sink: MarketSink) -> None:
        """Deliver to the sink until cancelled."""
        self._sink = sink
        try:
            async with asyncio.TaskGroup() as tasks:
                self._tasks = tasks
                for each in self.feeds:
                    tasks.create_task(each.run(sink))
        except ExceptionGroup as faults:
            raise faults.exceptions[0] from None
        finally:
            await self.requests.close()

    def request_snapshot(self, symbol: Symbol, reason: str) -> None:
        """Ask for a fresh snapshot of a book."""
        for each in self.feeds:
            if symbol in each.wanted:
                each.request_snapshot(symbol, reason)

    # What a person should see

    @property
    def circuits(self) -> tuple[Breaker, ...]:
        """The circuits of the data, and those of the account where orders go there."""
        account = self.requests.circuits if self.broker is not None else (self.requests.account_circuit,)
        return (*(each for feed in self.feeds for each in feed.circuits), *account)

    @property
    def connects(self) -> int:
        """How many connections to its streams came about."""
        account = self.broker.admission.stream.connects if self.broker is not None else 0
        return account + sum(feed.connects for feed in self.feeds)

    def signs(self) -> Mapping[str, int | None]:
        """Return when each of its streams last gave a sign."""
        return {feed.name: feed.stream.heard_ns for feed in self.feeds}

    @property
    def skew_ns(self) -> int | None:
        """How far its clock is ahead of ours; None when that is not known."""
        return (self.feeds[0] if self.broker is None else self.broker.skew).skew_ns

    def rows(self) -> tuple[VenueRow, ...]:
        """Return the rows of the health board."""
        return rows_of(self.feeds, self.requests, self.broker)

    def _known_to_ns(self, symbol: Symbol) -> int:
        return self.known_to_ns(symbol)

    def _publish(self, event: object) -> None:
        self.publish(event)

    def _alert(self, severity: Severity, text: str) -> None:
        self.publish(AlertRaised(severity, VENUE, text, self._clock.now_ns()))
