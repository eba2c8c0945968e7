"""A desk's side of what is shared, by hand: it writes entries to a real Redis, and another desk's source reads them into a market."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from decimal import Decimal

from msgspec import structs

from engine.adapters.desks.market_data import DeskSource
from engine.clock import SystemClock
from engine.config import FilterSettings, MarketSettings
from engine.desk.redis_link import RedisLink
from engine.desk.redis_quotes import RedisQuotes
from engine.duties.quote_sharing import terms_of
from engine.market.market import Market
from engine.messages.events import AlertRaised
from engine.messages.shared_quotes import SharedEntry, SharedPrint, SharedRow, SharedTerms
from engine.model.instrument import AssetClass, Instrument, Symbol
from engine.model.market_state import MarketState
from engine.model.market_status import Session
from engine.model.trade import Side
from engine.ports.venue import VenueReading
from tests.redis_server import CREDENTIAL, RedisServer
from tests.waiting import until

COIN, OTHER = Symbol("BTC/USD"), Symbol("ETH/USD")
KEY = "desk:quotes:tower"
_INSTRUMENT = Instrument(
    symbol=COIN,
    venue="kraken",
    asset_class=AssetClass.CRYPTO,
    currency="USD",
    base="BTC",
    price_unit=Decimal("0.1"),
    tick=Decimal("0.1"),
    size_unit=Decimal("0.001"),
    lot=Decimal("0.001"),
)
TERMS = terms_of(_INSTRUMENT)
OTHER_TERMS = terms_of(replace(_INSTRUMENT, symbol=OTHER, base="ETH"))


def row(symbol: Symbol = COIN, bid: int = 600_000, **more: object) -> SharedRow:
    """Return a row that was quoted just now."""
    now_ns = SystemClock().now_ns()
    made = SharedRow(symbol, "kraken", bid, bid + 1, 5, 7, now_ns, now_ns, "", Session.OPEN, "", 0)
    return structs.replace(made, **more)


def printed(number: int, price: int = 600_000) -> SharedPrint:
    """Return a print that came just now."""
    now_ns = SystemClock().now_ns()
    return SharedPrint(price, number, Side.BUY, now_ns, now_ns, number, "", sets_last=True)


@dataclass
class Told:
    """A source in a market of its own, and the hand that writes what it reads."""

    server: RedisServer
    source: DeskSource
    market: Market
    stream: RedisQuotes
    published: list[object] = field(default_factory=list)
    number: int = 0
    run: str = "r1"
    ahead_ns: int | None = None

    async def tell(self, *rows: SharedRow, terms: tuple[SharedTerms, ...] = (), **more: object) -> None:
        """Write the next entry; one with terms is whole."""
        self.number += 1
        entry = SharedEntry(
            run=self.run,
            number=self.number,
            sent_ns=SystemClock().now_ns(),
            ahead_ns=(self.stream.ahead_ns or 0) if self.ahead_ns is None else self.ahead_ns,
            whole=bool(terms),
            terms=terms,
            rows=rows,
        )
        await self.stream.add(structs.replace(entry, **more))

    async def begin(self, **more: object) -> None:
        """Tell everything of one symbol, and wait until it is believed."""
        await self.tell(structs.replace(row(COIN), **more), terms=(TERMS,))
        await self.until(self.is_believed)

    async def until(self, is_so: Callable[[], object]) -> None:
        """Go on until it is so."""
        await until(is_so)

    async def hears(self) -> None:
        """Go on until the last entry was heard."""
        await self.until(lambda: self.source.sequel.number == self.number)

    def state(self, symbol: Symbol = COIN) -> MarketState:
        """What is known of a symbol."""
        return self.market.states[symbol]

    def is_believed(self, symbol: Symbol = COIN) -> bool:
        """Whether its price is there and not distrusted."""
        state = self.market.states.get(symbol)
        return state is not None and state.has_quote and not state.distrust_reason

    def row(self, name: str) -> VenueReading:
        """How a row of the health board reads."""
        return next(each for each in self.source.rows() if each.name == name).read()

    @property
    def alerts(self) -> list[str]:
        """What a person was told."""
        return [each.text for each in self.published if isinstance(each, AlertRaised)]

    def tape(self, symbol: Symbol = COIN) -> list[int]:
        """The ids of the prints."""
        return [each.trade_id for each in self.market.tape[symbol]]


def told(
    server: RedisServer,
    scenario: Callable[[Told], Awaitable[None]],
    *,
    symbols: tuple[Symbol, ...] = (COIN,),
    silence_s: float = 60.0,
    reads: bool = True,
) -> Told:
    """Read what is told while a scenario runs; what goes wrong in the source fails the test."""

    async def run() -> Told:
        clock = SystemClock()
        ways = [RedisLink(server.settings, CREDENTIAL, clock) for _ in range(2)]
        source = DeskSource("tower", RedisQuotes(ways[0], "tower", clock), symbols, clock, silence_s)
        market = Market(MarketSettings(FilterSettings(stale_after_s=60)), clock)
        told = Told(server, source, market, RedisQuotes(ways[1], "tower", clock))
        source.publish = told.published.append
        await told.stream.newest()
        async with asyncio.TaskGroup() as tasks:
            reading = tasks.create_task(source.run(market)) if reads else None
            await scenario(told)
            if reading is not None:
                reading.cancel()
        await told.stream.close()
        return told

    with server.own() as own:
        own.flushall()
    return asyncio.run(run())
