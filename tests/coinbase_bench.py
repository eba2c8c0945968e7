"""A Coinbase source on the market room, against the local venue."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

from engine.adapter_contract import following
from engine.adapters.coinbase.market_data import LOOK_S, CoinbaseSource
from engine.clock import SystemClock
from engine.market.market import Market
from engine.model.instrument import Symbol
from engine.ports.secrets import Credential
from engine.settings.venues import CoinbaseSettings
from tests.venues.coinbase.stock import MIDS, PAIRS, Pair, ladder
from tests.venues.coinbase.venue import CoinbaseVenue

Live = following.Live[CoinbaseSource]
BTC, ETH = Symbol("BTC-USD"), Symbol("ETH-USD")
LEVELS = 40


@contextmanager
def venue_with_books(pairs: tuple[Pair, ...] = PAIRS, levels: int = LEVELS) -> Iterator[CoinbaseVenue]:
    """Run a venue whose books are full."""
    with CoinbaseVenue(pairs) as venue:
        for pair in pairs:
            venue.floor.change(pair.symbol, *ladder(pair, MIDS[pair.symbol], levels))
        yield venue


def live(
    venue: CoinbaseVenue,
    scenario: Callable[[Live], Awaitable[None]],
    *,
    symbols: tuple[Symbol, ...] = (BTC, ETH),
    depth: int = 100,
    silence_s: float = 10.0,
    credential: Credential | None = None,
    look_s: float = LOOK_S,
    market: Market | None = None,
    stream_url: str = "",
) -> Live:
    """Follow a venue while a scenario runs; what goes wrong in the source fails the test."""
    source = CoinbaseSource(
        CoinbaseSettings(stream_url or venue.stream_url, venue.api_url),
        symbols,
        SystemClock(),
        credential,
        silence_s=silence_s,
        retry_s_max=0.2,
        open_s=0.3,
        look_s=look_s,
    )
    return following.followed(venue, venue.floor.books, source, scenario, depth=depth, market=market)
