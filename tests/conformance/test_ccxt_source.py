"""Touchline follows the local Binance venue by ccxt, as it would follow any exchange that ccxt has streams of."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from engine.adapter_contract.following import Live, followed
from engine.adapters.ccxt.market_data import CcxtSource
from engine.adapters.ccxt.opening import maker_of, open_exchange
from engine.adapters.registry import find
from engine.bootstrap import live_engine
from engine.clock import SystemClock
from engine.config import MetricsSettings, Settings
from engine.errors import ConfigError
from engine.folders import Folders
from engine.market.bars import MINUTE_NS
from engine.messages.views import HealthState
from engine.model.instrument import Symbol
from engine.model.market_state import Trust
from engine.model.trade import Side
from engine.settings.venues import CcxtSettings, VenuesSettings
from tests.venues.binance.stock import MIDS, PAIRS, ladder
from tests.venues.binance.venue import BinanceVenue
from tests.venues.walk import Walk
from tests.waiting import wait_until

BTC, ETH = Symbol("BTC/USDT"), Symbol("ETH/USDT")
DEPTH = 20
LEVELS = 40


class Renamed:
    """The venue's books by the names that ccxt has for them."""

    def __init__(self, venue: BinanceVenue) -> None:
        self._books = venue.floor.books

    def __getitem__(self, symbol: str) -> Any:
        return self._books[symbol.replace("/", "")]


@pytest.fixture
def venue() -> Iterator[BinanceVenue]:
    with BinanceVenue(PAIRS) as each:
        for pair in PAIRS:
            each.floor.change(pair.symbol, *ladder(pair, MIDS[pair.symbol], LEVELS))
        yield each


def told_of(venue: BinanceVenue) -> dict[str, Any]:
    """Return what ccxt has to be told to find the venue."""
    api, streams = f"{venue.api_url}/api/v3", f"{venue.stream_url}/ws"
    return {
        "options": {
            "defaultType": "spot",
            "fetchMarkets": {"types": ["spot"]},
            "fetchCurrencies": False,
            "fetchMargins": False,
        },
        "has": {"fetchCurrencies": False},
        "urls": {"api": {"public": api, "private": api, "ws": {"spot": streams}}},
    }


def settings_for(venue: BinanceVenue, silence_s: float = 60.0) -> CcxtSettings:
    return CcxtSettings(DEPTH, silence_s, {"binance": told_of(venue)})


def live(
    venue: BinanceVenue,
    scenario: Callable[[Live[CcxtSource]], Awaitable[None]],
    *,
    symbols: tuple[Symbol, ...] = (BTC, ETH),
    silence_s: float = 60.0,
) -> Live[CcxtSource]:
    """Follow a venue while a scenario runs; what goes wrong in the source fails the test."""
    settings = settings_for(venue, silence_s)
    make = maker_of("binance", "Binance by ccxt", settings.exchanges["binance"])
    source = CcxtSource(
        "binance", "Binance by ccxt", settings, symbols, SystemClock(), make, retry_s_max=0.2, open_s=0.3
    )
    return followed(venue, Renamed(venue), source, scenario, depth=DEPTH)  # type: ignore[arg-type]


def test_the_books_are_the_venues_and_stay_so_while_it_moves(venue: BinanceVenue) -> None:
    async def scenario(desk: Live[CcxtSource]) -> None:
        await desk.agrees()
        walk = Walk(venue.floor, seed=7)
        for _ in range(100):
            await desk.do(walk.step)
        await desk.agrees()
        state = desk.market.states[BTC]
        await desk.until(lambda: (state.bid, state.ask) == touch_of(venue))
        assert state.trust(SystemClock().now_ns()) is Trust.GOOD
        assert state.source == "ccxt:binance"

    desk = live(venue, scenario)
    assert desk.alerts == []
    assert desk.market.counters.malformed == {}
    assert desk.row("venue_clock").state is HealthState.OK
    starts = [bar.start_ns for bar in desk.market.bars.series(BTC, MINUTE_NS).closed]
    assert len(starts) > 400
    assert {after - before for before, after in pairwise(starts)} == {MINUTE_NS}


def touch_of(venue: BinanceVenue) -> tuple[int, int]:
    """Return the touch of BTC in cents."""
    bids, asks = venue.do(lambda: venue.floor.books["BTCUSDT"].tops(1))
    return round(float(bids[0][0]) * 100), round(float(asks[0][0]) * 100)


def test_instruments_have_the_steps_and_least_sizes_of_the_exchange(venue: BinanceVenue) -> None:
    desk = live(venue, Live.agrees, symbols=(ETH,))
    instrument = desk.market.books[ETH].instrument
    assert (str(instrument.price_unit), str(instrument.tick)) == ("0.01", "0.01")
    assert (str(instrument.size_unit), str(instrument.lot)) == ("0.0001", "0.0001")
    assert (instrument.size_min > 0, str(instrument.notional_min)) == (True, "5.0")
    assert (instrument.base, instrument.currency, instrument.venue) == ("ETH", "USDT", "ccxt:binance")
    assert "nothing proves that its book misses nothing" in instrument.description


def test_prints_come_once_with_who_took_and_after_a_break_the_books_are_right_again(
    venue: BinanceVenue,
) -> None:
    floor = venue.floor

    async def scenario(desk: Live[CcxtSource]) -> None:
        await desk.agrees()
        await desk.until(lambda: venue.do(lambda: any("btcusdt@trade" in s.streams for s in floor.sessions)))
        await desk.do(lambda: floor.trade("BTCUSDT", "sell", "60999.99", "0.50000"))
        await desk.until(lambda: len(desk.printed(BTC)) == 1)
        await desk.do(floor.kill)
        await desk.until(lambda: desk.market.states[BTC].distrust_reason)
        await desk.agrees()
        await desk.until(lambda: venue.do(lambda: any("btcusdt@trade" in s.streams for s in floor.sessions)))
        await desk.do(lambda: floor.trade("BTCUSDT", "buy", "61000.01", "0.25000"))
        await desk.until(lambda: len(desk.printed(BTC)) == 2)

    desk = live(venue, scenario)
    first, last = sorted(desk.market.tape[BTC], key=lambda trade: trade.price)
    assert (first.price, first.size, first.aggressor) == (6_099_999, 50_000, Side.SELL)
    assert (last.price, last.size, last.aggressor) == (6_100_001, 25_000, Side.BUY)
    assert desk.source.connects == 2
    assert desk.alerts[0].startswith("Binance by ccxt is not connected: ")
    assert desk.alerts[-1] == "Binance by ccxt is connected again"


def test_a_connection_that_is_open_and_mute_is_given_up_and_told(venue: BinanceVenue) -> None:
    async def scenario(desk: Live[CcxtSource]) -> None:
        await desk.agrees()
        venue.floor.faults.mute = True
        await desk.until(lambda: desk.alerts)
        venue.floor.faults.mute = False
        await desk.agrees()

    desk = live(venue, scenario, silence_s=3)
    assert desk.alerts[0].endswith("not connected: connected, but nothing came for 3 s")


def test_an_exchange_that_can_not_be_reached_opens_the_circuit_and_is_found_again(
    venue: BinanceVenue,
) -> None:
    venue.close()

    async def scenario(desk: Live[CcxtSource]) -> None:
        await desk.until(lambda: desk.row("route_data").state is HealthState.DOWN)
        assert desk.row("venue").value == "not connected"
        venue.open()
        await desk.agrees()

    assert live(venue, scenario).changes[-1] == "closed"


def test_what_ccxt_does_not_have_is_a_sentence_before_anything_begins(venue: BinanceVenue) -> None:
    clock = SystemClock()
    with pytest.raises(ConfigError, match="Binance by ccxt has no pair BTC/USD; it has BTC/USDT"):
        open_exchange("binance", settings_for(venue), [BTC, Symbol("BTC/USD")], clock)
    with pytest.raises(ConfigError, match="has no streams of an exchange 'bourse'"):
        open_exchange("bourse", CcxtSettings(), [BTC], clock)
    for exchanges, told in (
        ({"binance": {"apiKey": "k"}}, "apiKey: no key is wanted"),
        ({"binance": {"urls": {"api": {"public": "http://example.com"}}}}, "expected an encrypted address"),
    ):
        with pytest.raises(ConfigError, match=told):
            open_exchange("binance", CcxtSettings(exchanges=exchanges), [BTC], clock)


def test_the_desk_follows_an_exchange_by_its_name(venue: BinanceVenue, tmp_path: Path) -> None:
    folders = Folders(*(tmp_path / name for name in ("config", "data", "cache", "logs")))
    venues = VenuesSettings(ccxt=settings_for(venue))
    settings = Settings(metrics=MetricsSettings(enabled=False), venues=venues)
    assert find("ccxt:binance").label == "Binance by ccxt"
    engine = live_engine(settings, folders, "ccxt:binance", [BTC])
    engine.start()
    try:
        market = engine._rooms.market
        wait_until(lambda: BTC in market.books and market.books[BTC].synced)
        wait_until(lambda: market.states[BTC].has_quote)
    finally:
        engine.stop()
