"""A Kraken source on the market room, against the local venue."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

from engine.adapter_contract import following
from engine.adapters.kraken.market_data import KrakenSource
from engine.clock import SystemClock
from engine.market.market import Market
from engine.model.instrument import Symbol
from engine.settings.venues import KrakenSettings
from tests.venues.kraken.books import Pair
from tests.venues.kraken.stock import MIDS, PAIRS, ladder
from tests.venues.kraken.venue import KrakenVenue

Live = following.Live[KrakenSource]
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


def live(
    venue: KrakenVenue,
    scenario: Callable[[Live], Awaitable[None]],
    *,
    symbols: tuple[Symbol, ...] = (BTC, ETH),
    depth: int = 10,
    silence_s: float = 10.0,
    market: Market | None = None,
    rest_url: str = "",
    stream_url: str = "",
) -> Live:
    """Follow a venue while a scenario runs; what goes wrong in the source fails the test."""
    settings = KrakenSettings(stream_url or venue.stream_url, rest_url or venue.rest_url, depth)  # type: ignore[arg-type]
    source = KrakenSource(settings, symbols, SystemClock(), silence_s=silence_s, retry_s_max=0.2, open_s=0.3)
    return following.followed(venue, venue.floor.books, source, scenario, depth=depth, market=market)
