"""The market room as it follows a venue on this machine, whichever it is."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Generic, TypeVar

from engine.adapter_contract.served import ServedBook, ServedVenue
from engine.adapter_contract.waiting import until
from engine.adapters.live.source import LiveSource
from engine.clock import SystemClock
from engine.config import MarketSettings
from engine.market.market import Market
from engine.messages.circuits import CircuitChanged
from engine.messages.events import AlertRaised
from engine.model.instrument import Symbol
from engine.model.trade import Side
from engine.ports.venue import VenueReading

S = TypeVar("S", bound=LiveSource)


@dataclass
class Live(Generic[S]):
    """The market room as it follows a venue."""

    venue: ServedVenue
    books: Mapping[str, ServedBook]
    source: S
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
        book, there = self.market.books.get(symbol), self.books[symbol]
        if book is None or not book.synced:
            return False
        instrument, depth = book.instrument, self.depth
        shown = [
            [(instrument.price(price), instrument.size(size)) for price, size in book.levels(side, depth)]
            for side in (Side.BUY, Side.SELL)
        ]
        return shown == [
            [(Decimal(price), Decimal(size)) for price, size in side]
            for side in self.venue.do(lambda: there.tops(depth))
        ]

    def row(self, name: str) -> VenueReading:
        """Return a row of the health board."""
        return next(row for row in self.source.rows() if row.name == name).read()

    @property
    def wanted(self) -> tuple[Symbol, ...]:
        """The symbols that are followed."""
        return self.source.wanted

    @property
    def alerts(self) -> list[str]:
        """What a person was told."""
        return [each.text for each in self.published if isinstance(each, AlertRaised)]

    @property
    def changes(self) -> list[str]:
        """Which states the circuits went to."""
        return [each.after.value for each in self.published if isinstance(each, CircuitChanged)]

    def printed(self, symbol: Symbol) -> list[int]:
        """Return the ids on the tape."""
        return [trade.trade_id for trade in self.market.tape[symbol]]


def followed(
    venue: ServedVenue,
    books: Mapping[str, ServedBook],
    source: S,
    scenario: Callable[[Live[S]], Awaitable[None]],
    *,
    depth: int,
    market: Market | None = None,
) -> Live[S]:
    """Follow a venue while a scenario runs; what goes wrong in the source fails the test."""

    async def run() -> Live[S]:
        desk = Live(venue, books, source, market or Market(MarketSettings(), SystemClock()), depth)
        source.publish = desk.published.append
        desk.market.resync_requested = source.request_snapshot
        async with asyncio.TaskGroup() as tasks:
            following = tasks.create_task(source.run(desk.market))
            await scenario(desk)
            following.cancel()
        return desk

    return asyncio.run(run())
