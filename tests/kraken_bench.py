"""A Kraken source on the market room, against the local venue."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from engine.adapters.kraken.market_data import KrakenSource
from engine.clock import SystemClock
from engine.config import KrakenSettings, MarketSettings
from engine.market.market import Market
from engine.messages.circuits import CircuitChanged
from engine.messages.events import AlertRaised
from engine.model.instrument import Symbol
from engine.model.trade import Side
from engine.ports.venue import VenueReading
from tests.venues.kraken.books import Pair
from tests.venues.kraken.stock import MIDS, PAIRS, ladder
from tests.venues.kraken.venue import KrakenVenue
from tests.waiting import until

BTC, ETH = Symbol("BTC/USD"), Symbol("ETH/USD")
LEVELS = 40


@contextmanager
def venue_with_books(pairs: tuple[Pair, ...] = PAIRS, levels: int = LEVELS) -> Iterator[KrakenVenue]:
    """Run a venue whose books are full."""
    with KrakenVenue(pairs) as venue:
        for pair in pairs:
            bids, asks = ladder(pair, MIDS[pair.symbol], levels)
            venue.floor.books[pair.symbol].bids.change(bids)
            venue.floor.books[pair.symbol].asks.change(asks)
        yield venue


@dataclass
class Live:
    """The market room as it follows a venue."""

    venue: KrakenVenue
    source: KrakenSource
    market: Market
    depth: int
    published: list[object] = field(default_factory=list)

    async def until(self, is_so: Callable[[], object]) -> None:
        """Go on until it is so."""
        await until(is_so)

    async def do(self, what: Callable[[], object]) -> None:
        """Do something at the venue."""
        await asyncio.to_thread(self.venue.do, what)

    async def agrees(self) -> None:
        """Go on until every feed is confirmed and every book is the venue's."""
        await self.until(lambda: self.row("venue").value == "connected" and self.is_equal())

    def is_equal(self) -> bool:
        """Whether the books that are followed are the venue's, level by level."""
        return all(self._equal(symbol) for symbol in self.source.wanted)

    def _equal(self, symbol: Symbol) -> bool:
        book, there = self.market.books.get(symbol), self.venue.floor.books[symbol]
        if book is None or not book.synced:
            return False
        instrument, depth = book.instrument, self.depth
        shown = [
            [(instrument.price(price), instrument.size(size)) for price, size in book.levels(side, depth)]
            for side in (Side.BUY, Side.SELL)
        ]
        return [[(str(p), str(s)) for p, s in side] for side in shown] == [
            [(p, s) for p, s in side] for side in self.venue.do(lambda: there.tops(depth))
        ]

    def row(self, name: str) -> VenueReading:
        """Return a row of the health board."""
        return next(row for row in self.source.rows() if row.name == name).read()

    @property
    def alerts(self) -> list[str]:
        """What a person was told."""
        return [each.text for each in self.published if isinstance(each, AlertRaised)]

    @property
    def changes(self) -> list[str]:
        """Which states the circuits went to."""
        return [each.after.value for each in self.published if isinstance(each, CircuitChanged)]

    def printed(self, symbol: Symbol = BTC) -> list[int]:
        """Return the ids on the tape."""
        return [trade.trade_id for trade in self.market.tape[symbol]]


def live(
    venue: KrakenVenue,
    scenario: Callable[[Live], Awaitable[None]],
    *,
    symbols: tuple[Symbol, ...] = (BTC, ETH),
    depth: int = 10,
    silence_s: float = 10.0,
    market: Market | None = None,
    rest_url: str = "",
) -> Live:
    """Follow a venue while a scenario runs; what goes wrong in the source fails the test."""

    async def run() -> Live:
        clock = SystemClock()
        settings = KrakenSettings(venue.stream_url, rest_url or venue.rest_url, depth)  # type: ignore[arg-type]
        source = KrakenSource(settings, symbols, clock, silence_s=silence_s, retry_s_max=0.2, open_s=0.3)
        desk = Live(venue, source, market or Market(MarketSettings(), clock), depth)
        source.publish = desk.published.append
        desk.market.resync_requested = source.request_snapshot
        async with asyncio.TaskGroup() as tasks:
            following = tasks.create_task(source.run(desk.market))
            await scenario(desk)
            following.cancel()
        return desk

    return asyncio.run(run())
