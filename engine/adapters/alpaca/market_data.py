"""Alpaca as a source of market data: its stream of shares and its stream of coins, whichever are wanted."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence

from engine.adapters.alpaca.admission import Admission
from engine.adapters.alpaca.assets import VENUE
from engine.adapters.alpaca.broker import AlpacaBroker
from engine.adapters.alpaca.feed import COINS, RETRY_S_MAX, SILENCE_S, AlpacaFeed, Kind, shares
from engine.adapters.alpaca.requests import TradingRequests
from engine.adapters.alpaca.vitals import rows_of
from engine.clock import Clock
from engine.config import AlpacaSettings
from engine.messages.events import AlertRaised, Severity
from engine.model.instrument import Instrument, Symbol
from engine.ports.market_data import MarketSink
from engine.ports.secrets import Credential
from engine.ports.venue import VenueRow
from engine.transport.address import checked_url
from engine.transport.breaker import OPEN_S, Breaker


class AlpacaSource:
    """Delivers the symbols it was made for until it is cancelled; those with a slash are coins.

    The account there is reached through the same requests, so a broker for it is made here, if one is wanted.
    """

    name = VENUE

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
        self.wanted = tuple(dict.fromkeys(symbols))
        self.publish: Callable[[object], None] = lambda _: None
        """Told of circuits that change and of what a person should see."""
        self.known_to_ns: Callable[[Symbol], int] = lambda _: 0
        """Where the minutes end that need not be asked for."""
        self.broker: AlpacaBroker | None = None
        """Who trades the account, where orders go there."""
        self._settings = settings
        self._credential = credential
        self._clock = clock
        trading_url = checked_url("venues.alpaca.trading_url", settings.trading_url, "https")
        stream_url = checked_url("venues.alpaca.stream_url", settings.stream_url, "wss")
        data_url = checked_url("venues.alpaca.data_url", settings.data_url, "https")
        self._trades_url = checked_url("venues.alpaca.trades_url", settings.trades_url, "wss")
        self.requests = TradingRequests(trading_url, credential, clock, open_s=open_s)

        def feed(kind: Kind, path: str, mine: Sequence[Symbol]) -> Iterator[AlpacaFeed]:
            if mine:
                yield AlpacaFeed(
                    kind,
                    stream_url + path,
                    data_url,
                    credential,
                    mine,
                    self.requests,
                    clock,
                    silence_s=silence_s,
                    retry_s_max=retry_s_max,
                    open_s=open_s,
                )

        coins = [symbol for symbol in self.wanted if "/" in symbol]
        others = [symbol for symbol in self.wanted if "/" not in symbol]
        self.feeds = (
            *feed(shares(settings.feed), f"/v2/{settings.feed}", others),
            *feed(COINS, "/v1beta3/crypto/us", coins),
        )
        for each in self.feeds:
            each.publish = self._publish
            each.known_to_ns = self._known_to_ns
        for circuit in self.requests.circuits:
            circuit.changed = self._publish

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
        try:
            async with asyncio.TaskGroup() as tasks:
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
