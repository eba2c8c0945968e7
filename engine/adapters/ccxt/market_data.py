"""An exchange of ccxt as a source of market data: books without a proof, prints, the touch of the book, the minutes before."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from engine.adapters.ccxt.connection import CcxtConnection, Opened, WholeBook
from engine.adapters.ccxt.parse import instrument_of, minutes_of
from engine.adapters.live.listed import Listed, unknown
from engine.adapters.live.source import LiveSource
from engine.adapters.texts import TextUnits, Unreadable
from engine.clock import NS_PER_MS, Clock
from engine.errors import RejectedError
from engine.messages.circuits import Operation
from engine.messages.events import Severity
from engine.model.bar import RecordedBar
from engine.model.depth import DepthDelta, DepthSnapshot, Level, SequenceRule
from engine.model.instrument import Symbol
from engine.model.market_status import Session, StatusChange
from engine.model.quote import Quote
from engine.model.trade import Trade
from engine.settings.venues import CcxtSettings
from engine.transport.breaker import OPEN_S
from engine.transport.dialling import RETRY_S_MAX

MINUTES_MAX = 500
"""How many of the minutes before are asked for; exchanges differ in how many they give."""
TRADING = "trading"


class CcxtSource(LiveSource):
    """Delivers the pairs it was made for until it is cancelled."""

    rule = SequenceRule.NONE
    follows_more = True

    def __init__(
        self,
        exchange: str,
        label: str,
        settings: CcxtSettings,
        symbols: Sequence[Symbol],
        clock: Clock,
        make: Callable[[], Any],
        *,
        retry_s_max: float = RETRY_S_MAX,
        open_s: float = OPEN_S,
    ) -> None:
        """Take the settings and what makes an exchange object of ccxt; nothing is dialled yet."""
        self.name, self.label = f"ccxt:{exchange}", label
        super().__init__(symbols, clock, open_s=open_s)
        self._told_books: dict[Symbol, tuple[dict[int, int], dict[int, int]]] = {}
        """The levels that the market has."""
        self._asked: set[Symbol] = set()
        self._there: Opened | None = None
        """What the exchange said when the connection began."""
        data, self._history_circuit = self.circuits
        assert data.operation is Operation.DATA
        self.connection = CcxtConnection(
            self.name,
            data,
            clock,
            self,
            make,
            depth=settings.depth,
            silence_s=settings.silence_s,
            retry_s_max=retry_s_max,
        )
        self.stream, self.skew = self.connection, self.connection.skew

    # What the connection calls

    def opened(self, opened: Opened) -> None:
        """List what is wanted, and ask for it."""
        self._asked.clear()
        self._told_books.clear()
        self._connected_again()
        spot = {name: each for name, each in opened.markets.items() if each.get("spot")}
        self._there = opened._replace(markets=spot)
        if missing := self._list_all(self.wanted):
            self._tell_once("missing", Severity.CRITICAL, missing)
        self._begin()

    async def _look_up(self, symbol: Symbol) -> None:
        if missing := self._list_all((symbol,)):
            raise RejectedError(missing)

    def _list_all(self, symbols: Sequence[Symbol]) -> str:
        """List these as the exchange has them; return a sentence about those that it does not have."""
        assert self._there is not None
        received_ns, (markets, mode) = self._clock.now_ns(), self._there
        for market in (markets[symbol] for symbol in symbols if symbol in markets):
            status = TRADING if market.get("active") is not False else "not active"
            try:
                self._list(instrument_of(market, mode, self.name, self.label), status, received_ns)
            except Unreadable as error:
                self._odd(str(market["symbol"]), error)
        return unknown(self.label, symbols, markets)

    def book(self, symbol: Symbol, book: WholeBook) -> None:
        """Take a book as it stands: what changed since the last one is handed on, and the touch with it."""
        if self._sink is None or symbol not in self._listed:
            return
        received_ns, before = self._clock.now_ns(), self._told_books.get(symbol)
        now = dict(book.bids), dict(book.asks)
        self._told_books[symbol] = now
        if before is None:
            self._sink.on_snapshot(
                DepthSnapshot(symbol, self.name, book.bids, book.asks, 0, book.event_ns, received_ns)
            )
        else:
            bids, asks = (_changes(old, new) for old, new in zip(before, now, strict=True))
            if bids or asks:
                self._sink.on_delta(
                    DepthDelta(symbol, self.name, bids, asks, 0, 0, 0, book.event_ns, received_ns)
                )
        bid, ask = (side[0] if side else (0, 0) for side in (book.bids, book.asks))
        self._sink.on_quote(
            Quote(symbol, self.name, bid[0], ask[0], bid[1], ask[1], book.event_ns, received_ns)
        )

    def print(self, trade: Trade) -> None:
        """Take a print, unless it is in the minutes before."""
        listed = self._listed.get(trade.symbol)
        if self._sink is not None and listed is not None and not 0 < trade.event_ns < listed.since_ns:
            self._sink.on_trade(trade)

    # How it is asked

    def _subscribe(self, symbols: Iterable[Symbol]) -> None:
        for symbol in symbols:
            if symbol not in self._asked and self.connection.is_open:
                self._asked.add(symbol)
                self.connection.follow(self._listed[symbol].units.instrument)

    def _unsubscribe(self, symbol: Symbol) -> None:
        self._told_books.pop(symbol, None)
        self._asked.discard(symbol)
        self.connection.drop(symbol)

    def _refresh(self, symbol: Symbol) -> None:
        self._told_books.pop(symbol, None)  # ccxt tells whole books: the next one is handed on as such

    def _confirmed(self) -> tuple[int, int]:
        return len(self._told_books), len(self.wanted)

    async def _minutes(self, units: TextUnits, since_ns: int) -> list[RecordedBar]:
        symbol = units.instrument.symbol
        since_ms = since_ns // NS_PER_MS if since_ns else None
        rows = await self._history_circuit.call(
            lambda: self.connection.minutes(symbol, since_ms, MINUTES_MAX)
        )
        return minutes_of(rows, units.instrument, self.name, self._clock.now_ns())

    def _status_of(self, listed: Listed, received_ns: int) -> StatusChange:
        session = Session.OPEN if listed.status == TRADING else Session.HALTED
        reason = "" if session is Session.OPEN else f"{self.label}: {listed.status}"
        return StatusChange(listed.symbol, self.name, session, reason, 0, received_ns)

    async def _close(self) -> None:
        """There is nothing open beside the connection, which closes itself."""


def _changes(before: dict[int, int], now: dict[int, int]) -> tuple[Level, ...]:
    """Return the levels that are new or another, and those that are gone with a size of 0."""
    changed = tuple(level for level in now.items() if before.get(level[0]) != level[1])
    return (*changed, *((price, 0) for price in before if price not in now))
