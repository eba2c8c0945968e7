"""A Binance source on the market room, against the local venue."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

from engine.adapter_contract import following
from engine.adapters.binance.market_data import LIFETIME_S, LOOK_S, BinanceSource
from engine.clock import SystemClock
from engine.market.market import Market
from engine.model.instrument import Symbol
from engine.settings.venues import BinanceSettings
from tests.venues.binance.stock import MIDS, PAIRS, Pair, ladder
from tests.venues.binance.venue import BinanceVenue

Live = following.Live[BinanceSource]
BTC, ETH = Symbol("BTCUSDT"), Symbol("ETHUSDT")
LEVELS = 40


@contextmanager
def venue_with_books(pairs: tuple[Pair, ...] = PAIRS, levels: int = LEVELS) -> Iterator[BinanceVenue]:
    """Run a venue whose books are full."""
    with BinanceVenue(pairs) as venue:
        for pair in pairs:
            venue.floor.change(pair.symbol, *ladder(pair, MIDS[pair.symbol], levels))
        yield venue


def live(
    venue: BinanceVenue,
    scenario: Callable[[Live], Awaitable[None]],
    *,
    symbols: tuple[Symbol, ...] = (BTC, ETH),
    depth: int = 100,
    silence_s: float = 10.0,
    lifetime_s: float = LIFETIME_S,
    look_s: float = LOOK_S,
    market: Market | None = None,
    stream_url: str = "",
) -> Live:
    """Follow a venue while a scenario runs; what goes wrong in the source fails the test."""
    source = BinanceSource(
        BinanceSettings(stream_url or venue.stream_url, venue.api_url),
        symbols,
        SystemClock(),
        silence_s=silence_s,
        retry_s_max=0.2,
        open_s=0.3,
        lifetime_s=lifetime_s,
        look_s=look_s,
    )
    return following.followed(venue, venue.floor.books, source, scenario, depth=depth, market=market)
