"""The connection to an exchange of ccxt: opened through a circuit, given up when it is mute, and opened again."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from functools import partial
from typing import Any, NamedTuple, Protocol

from engine.adapters.ccxt.parse import key_of, levels_of, time_ns, trade_of
from engine.adapters.ccxt.session import Session
from engine.adapters.texts import Unreadable
from engine.clock import NS_PER_S, Clock
from engine.errors import AdapterError, TransientError
from engine.model.depth import Level
from engine.model.instrument import Instrument, Symbol
from engine.model.trade import Trade
from engine.transport.breaker import Breaker
from engine.transport.dialling import RETRY_S_MAX, SILENT_PINGS_MAX, keep_trying, until_silent
from engine.transport.skew import ClockSkew
from engine.transport.stream import PROVEN_S
from engine.transport.words import in_words

OPEN_S = 30.0
"""How long the first answers may take: some exchanges list thousands of pairs."""
PRINTS_WAITING_MAX = 10_000
PRINTS_SEEN_MAX = 5_000
"""Of each pair, by which those that come again are known."""


class Opened(NamedTuple):
    """What an exchange said when it was reached."""

    markets: dict[str, Any]
    precision_mode: int


class WholeBook(NamedTuple):
    """The best levels of a book."""

    bids: tuple[Level, ...]
    asks: tuple[Level, ...]
    event_ns: int


class Reader(Protocol):
    """Who is told; everything is called on the engine's loop."""

    def opened(self, opened: Opened) -> None:
        """Begin anew."""

    def lost(self, reason: str) -> None:
        """Distrust what was said."""

    def book(self, symbol: Symbol, book: WholeBook) -> None:
        """Take a book as it stands."""

    def print(self, trade: Trade) -> None:
        """Take a print."""

    def malformed(self, error: Unreadable) -> None:
        """Hear of something that could not be read."""


class CcxtConnection:
    """Keeps one exchange object of ccxt after the other until it is cancelled.

    What the exchange's thread reads waits here for the engine's: the latest book of each pair, and so many prints at most.
    """

    requests_dropped = 0

    def __init__(
        self,
        source: str,
        breaker: Breaker,
        clock: Clock,
        reader: Reader,
        make: Callable[[], Any],
        *,
        depth: int,
        silence_s: float,
        retry_s_max: float = RETRY_S_MAX,
    ) -> None:
        self.breaker = breaker
        self.is_open = False
        self.connects = 0
        self.heard_ns: int | None = None
        self.trouble = ""
        self.skew = ClockSkew()
        self._source = source
        self._clock = clock
        self._reader = reader
        self._make = make
        self._depth = depth
        self._silence_s = silence_s
        self._retry_s_max = retry_s_max
        self._session: Session | None = None
        self._over: asyncio.Future[str] | None = None
        self._watching: dict[asyncio.Task[None], Symbol] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._books: dict[Symbol, WholeBook] = {}
        self._prints: deque[Trade | Unreadable] = deque()
        self._prints_lost = 0
        """Prints that found no room, counted on the exchange's thread."""
        self._prints_told_lost = 0
        self._scheduled = False
        self._seen: dict[Symbol, dict[str, None]] = {}
        """Prints that were handed on; it is kept through reconnects."""

    async def run(self) -> None:
        """Connect, follow, and connect again."""
        self._loop = asyncio.get_running_loop()
        await keep_trying(self._serve, retry_s_max=self._retry_s_max)

    def follow(self, instrument: Instrument) -> None:
        """Ask for the book and the prints of a pair on this connection."""
        for work in (self._watch_book, self._watch_prints):
            self._start(instrument.symbol, self._watched(partial(work, instrument)))

    def drop(self, symbol: Symbol) -> None:
        """Ask for a pair no more; the exchange is told where ccxt can tell it."""
        for task, watched in self._watching.items():
            if watched == symbol:
                task.cancel()
        self._books.pop(symbol, None)
        self._start(symbol, self._unwatched(symbol))

    async def minutes(self, symbol: Symbol, since_ms: int | None, limit: int) -> list[list[float]]:
        """Return the rows of the minutes before.

        Raises:
            AdapterError: they could not be had.
        """
        if self._session is None:
            raise TransientError("the connection is gone")
        rows: list[list[float]] = await self._session.ask(
            lambda exchange: exchange.fetch_ohlcv(symbol, "1m", since_ms, limit)
        )
        return rows

    async def _serve(self) -> None:
        """Open an exchange and follow it until it fails.

        Raises:
            AdapterError: it did not come about, or did not last.
        """
        session = Session(self._make)
        try:
            session.start()
            try:
                opened = await self.breaker.call(lambda: self._opened(session))
            except AdapterError as error:
                self.trouble = in_words(error)
                raise
            self.connects += 1
            self.is_open, self._session = True, session
            self._over = asyncio.get_running_loop().create_future()
            began_ns = self._clock.monotonic_ns()
            self._reader.opened(opened)
            self.trouble = reason = await self._until_over()
        finally:
            self.is_open, self._session = False, None
            await self._end(session)
        self._reader.lost(reason)
        if self._clock.monotonic_ns() - began_ns < PROVEN_S * NS_PER_S:
            raise TransientError(reason)

    async def _opened(self, session: Session) -> Opened:
        try:
            async with asyncio.timeout(OPEN_S):
                return await session.ask(self._first)
        except TimeoutError:
            raise TransientError(f"no answer within {OPEN_S:g} s") from None

    async def _until_over(self) -> str:
        assert self._over is not None
        silence = asyncio.create_task(self._watch_silence())
        try:
            return await self._over
        finally:
            silence.cancel()

    async def _watch_silence(self) -> None:
        look_s = self._silence_s / SILENT_PINGS_MAX
        await until_silent(lambda: None, lambda: self.heard_ns, self._silence_s, look_s)
        self._end_with(f"connected, but nothing came for {self._silence_s:g} s")

    async def _end(self, session: Session) -> None:
        for task in self._watching:
            task.cancel()
        await asyncio.gather(*self._watching, return_exceptions=True)
        await session.close()
        self._books.clear()

    def _end_with(self, reason: str) -> None:
        if self._over is not None and not self._over.done():
            self._over.set_result(reason)

    def _start(self, symbol: Symbol, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._watching[task] = symbol
        task.add_done_callback(self._watching.pop)

    async def _watched(self, work: Callable[[Any], Awaitable[None]]) -> None:
        if self._session is None:
            return
        try:
            await self._session.ask(work)
        except AdapterError as error:
            self._end_with(in_words(error))

    async def _unwatched(self, symbol: Symbol) -> None:
        if self._session is not None:
            with suppress(AdapterError):  # what still comes of it is not listed
                await self._session.ask(partial(_unwatch, symbol))

    # On the exchange's thread

    async def _first(self, exchange: Any) -> Opened:
        markets = await exchange.load_markets()
        if exchange.has.get("fetchTime"):
            sent_ns = self._clock.now_ns()
            there_ms = await exchange.fetch_time()
            self.skew.note(sent_ns, time_ns(there_ms), self._clock.now_ns())
        return Opened(markets, exchange.precisionMode)

    async def _watch_book(self, instrument: Instrument, exchange: Any) -> None:
        symbol, depth = instrument.symbol, self._depth
        while True:
            told = await exchange.watch_order_book(symbol)
            self.heard_ns = self._clock.monotonic_ns()
            try:
                bids, asks = (levels_of(told[side], instrument, depth) for side in ("bids", "asks"))
            except Unreadable as error:
                self._hand_on(error)
                continue
            self._books[symbol] = WholeBook(bids, asks, time_ns(told.get("timestamp")))
            self._schedule()

    async def _watch_prints(self, instrument: Instrument, exchange: Any) -> None:
        seen = self._seen.setdefault(instrument.symbol, {})
        while True:
            told = await exchange.watch_trades(instrument.symbol)
            self.heard_ns = self._clock.monotonic_ns()
            for raw in sorted(told, key=lambda each: each.get("timestamp") or 0):
                key = key_of(raw)
                if key in seen:
                    continue
                seen[key] = None
                if len(seen) > PRINTS_SEEN_MAX:
                    del seen[next(iter(seen))]
                try:
                    self._hand_on(trade_of(raw, instrument, self._source, self._clock.now_ns()))
                except Unreadable as error:
                    self._hand_on(error)

    def _hand_on(self, what: Trade | Unreadable) -> None:
        if len(self._prints) >= PRINTS_WAITING_MAX:
            self._prints_lost += 1
        else:
            self._prints.append(what)
        self._schedule()

    def _schedule(self) -> None:
        if not self._scheduled and self._loop is not None:
            self._scheduled = True
            self._loop.call_soon_threadsafe(self._deliver)

    # On the engine's loop

    def _deliver(self) -> None:
        self._scheduled = False
        if not self.is_open:
            return
        while self._prints:
            what = self._prints.popleft()
            if isinstance(what, Unreadable):
                self._reader.malformed(what)
            else:
                self._reader.print(what)
        if lost := self._prints_lost - self._prints_told_lost:
            self._prints_told_lost += lost
            self._reader.malformed(Unreadable("overrun", f"{lost} prints"))
        for symbol in list(self._books):  # the exchange's thread may add to it meanwhile
            self._reader.book(symbol, self._books.pop(symbol))


async def _unwatch(symbol: Symbol, exchange: Any) -> None:
    """End the subscriptions to a pair, as far as ccxt can at this exchange."""
    if exchange.has.get("unWatchOrderBook"):
        await exchange.un_watch_order_book(symbol)
    if exchange.has.get("unWatchTrades"):
        await exchange.un_watch_trades(symbol)
