"""The source of Alpaca's market data against a venue that speaks its protocols."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from functools import partial

import pytest

from engine.adapters.alpaca.market_data import AlpacaSource
from engine.clock import SystemClock
from engine.config import MarketSettings
from engine.errors import RejectedError
from engine.market.bars import MINUTE_NS
from engine.market.market import Market
from engine.messages.events import AlertRaised
from engine.messages.views import HealthState
from engine.model.instrument import Symbol
from engine.model.market_state import Trust
from engine.model.market_status import Session
from engine.model.trade import Side
from engine.ports.secrets import Credential
from engine.settings.venues import AlpacaSettings
from tests.alpaca_bench import AAPL, CREDENTIAL
from tests.venues.alpaca.faults import RestFault
from tests.venues.alpaca.venue import AlpacaVenue
from tests.waiting import until

BTC, MSFT = Symbol("BTC/USD"), Symbol("MSFT")


def settings_of(venue: AlpacaVenue, stream_url: str = "") -> AlpacaSettings:
    return AlpacaSettings(venue.trading_url, venue.data_url, stream_url or venue.stream_url, venue.trades_url)


@dataclass
class Desk:
    """The market room as it follows the venue."""

    venue: AlpacaVenue
    source: AlpacaSource
    market: Market
    published: list[object] = field(default_factory=list)

    async def do(self, what: Callable[[], object]) -> None:
        await asyncio.to_thread(self.venue.do, what)

    async def listens(self) -> None:
        await until(lambda: all(feed.rows()[0].read().value == "connected" for feed in self.source.feeds))

    async def shows(self, bid: str, ask: str, symbol: Symbol = AAPL) -> None:
        def is_so() -> bool:
            state = self.market.states.get(symbol)
            if state is None or not state.has_quote:
                return False
            price = state.instrument.price
            return (f"{price(state.bid):.2f}", f"{price(state.ask):.2f}") == (bid, ask)

        await until(is_so)

    @property
    def alerts(self) -> list[str]:
        return [each.text for each in self.published if isinstance(each, AlertRaised)]


def live(
    venue: AlpacaVenue,
    scenario: Callable[[Desk], Awaitable[None]],
    *,
    symbols: tuple[Symbol, ...] = (AAPL, BTC),
    credential: Credential = CREDENTIAL,
    silence_s: float = 5.0,
    stream_url: str = "",
) -> Desk:
    """Follow a venue while a scenario runs; what goes wrong in the source fails the test."""

    async def run() -> Desk:
        clock = SystemClock()
        settings = settings_of(venue, stream_url)
        source = AlpacaSource(
            settings, credential, symbols, clock, silence_s=silence_s, retry_s_max=0.2, open_s=0.1
        )
        desk = Desk(venue, source, Market(MarketSettings(), clock))
        source.publish = desk.published.append
        async with asyncio.TaskGroup() as tasks:
            following = tasks.create_task(source.run(desk.market))
            await scenario(desk)
            following.cancel()
        return desk

    return asyncio.run(run())


@pytest.fixture
def venue() -> Iterator[AlpacaVenue]:
    with AlpacaVenue() as each:
        yield each


def test_shares_and_coins_are_quoted_as_the_venue_quotes_them(venue: AlpacaVenue) -> None:
    async def scenario(desk: Desk) -> None:
        await desk.listens()
        await desk.do(lambda: venue.floor.quote("AAPL", "189.98", "190.02"))
        await desk.shows("189.98", "190.02")
        await desk.do(lambda: venue.floor.quote("BTC/USD", "60999.12", "61000.55", "1.5", "2"))
        await desk.shows("60999.12", "61000.55", BTC)

    desk = live(venue, scenario)
    assert desk.market.states[AAPL].bid_size == 100 * 10**9
    assert desk.market.counters.malformed == {}
    assert desk.alerts == []


def test_a_book_of_coins_is_the_venues_and_stays_so(venue: AlpacaVenue) -> None:
    async def scenario(desk: Desk) -> None:
        await desk.do(lambda: venue.floor.quote("BTC/USD", "60990", "61010", "1", "1"))
        await desk.listens()
        for bid in range(60_991, 60_996):
            await desk.do(partial(venue.floor.quote, "BTC/USD", f"{bid}", "61010", "1", "1"))
        await until(lambda: _bids(desk) == [(60_995, 1)])

    live(venue, scenario, symbols=(BTC,))


def _bids(desk: Desk) -> list[tuple[int, int]]:
    book = desk.market.books.get(BTC)
    if book is None or not book.synced:
        return []
    levels = book.levels(Side.BUY, 10)
    return [(int(book.instrument.price(price)), int(book.instrument.size(size))) for price, size in levels]


def test_a_book_that_is_asked_for_anew_comes_whole(venue: AlpacaVenue) -> None:
    async def scenario(desk: Desk) -> None:
        await desk.do(lambda: venue.floor.quote("BTC/USD", "60990", "61010", "1", "1"))
        await desk.listens()
        await until(lambda: _bids(desk) == [(60_990, 1)])
        snapshots = desk.market.counters.snapshots
        desk.source.request_snapshot(BTC, "a test")
        await until(lambda: desk.market.counters.snapshots > snapshots)
        assert _bids(desk) == [(60_990, 1)]

    live(venue, scenario, symbols=(BTC,))


def test_prints_are_on_the_tape_once(venue: AlpacaVenue) -> None:
    async def scenario(desk: Desk) -> None:
        await desk.listens()
        await desk.do(lambda: venue.floor.quote("AAPL", "189.98", "190.02"))
        await desk.do(lambda: venue.floor.others_take("AAPL", "buy", "7"))
        await until(lambda: bool(desk.market.tape.get(AAPL)))

    desk = live(venue, scenario, symbols=(AAPL,))
    (trade,) = desk.market.tape[AAPL]
    assert (trade.price, trade.size) == (1_900_200, 7 * 10**9)


def test_a_halt_is_shown_with_its_reason_and_so_is_its_end(venue: AlpacaVenue) -> None:
    async def scenario(desk: Desk) -> None:
        await desk.listens()
        await desk.do(lambda: venue.floor.halt("AAPL"))
        await until(lambda: desk.market.states[AAPL].session is Session.HALTED)
        assert desk.market.states[AAPL].session_reason == "News Pending"
        await desk.do(lambda: venue.floor.resume("AAPL"))
        await until(lambda: desk.market.states[AAPL].session is Session.OPEN)

    live(venue, scenario, symbols=(AAPL,))


def test_shares_are_closed_while_their_exchanges_are_and_coins_are_not(
    venue: AlpacaVenue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.adapters.alpaca.feed.HOURS_S", 0.05)

    async def scenario(desk: Desk) -> None:
        await desk.listens()
        await until(lambda: desk.market.states[AAPL].session is Session.CLOSED)
        assert desk.market.states[BTC].session is Session.OPEN
        await desk.do(lambda: venue.floor.set_phase("regular"))
        await until(lambda: desk.market.states[AAPL].session is Session.OPEN)

    venue.do(lambda: venue.floor.set_phase("closed"))
    desk = live(venue, scenario)
    assert desk.source.feeds[0].skew_ns is not None


def test_the_minutes_before_come_before_all_else(venue: AlpacaVenue) -> None:
    desk = live(venue, Desk.listens)
    for symbol in (AAPL, BTC):
        bars = desk.market.bars.series(symbol, MINUTE_NS).closed
        assert len(bars) > 100
        assert [bar.start_ns for bar in bars] == sorted({bar.start_ns for bar in bars})


def test_after_a_reconnect_everything_is_asked_for_again(venue: AlpacaVenue) -> None:
    async def scenario(desk: Desk) -> None:
        await desk.listens()
        await desk.do(lambda: venue.floor.quote("AAPL", "189.98", "190.02"))
        await desk.shows("189.98", "190.02")
        await desk.do(lambda: venue.floor.drop("data"))
        await until(
            lambda: desk.market.states[AAPL].trust(desk.source.feeds[0]._clock.now_ns()) is not Trust.GOOD
        )
        await until(lambda: all(feed.connects == 2 for feed in desk.source.feeds))
        await desk.listens()
        await desk.do(lambda: venue.floor.quote("AAPL", "190.98", "191.02"))
        await desk.shows("190.98", "191.02")

    desk = live(venue, scenario)
    assert "Alpaca is connected again" in desk.alerts


def test_a_stream_that_says_nothing_is_given_up(venue: AlpacaVenue) -> None:
    async def scenario(desk: Desk) -> None:
        await desk.listens()
        await desk.do(lambda: venue.floor.faults.mute.add("data"))
        await until(lambda: any("nothing came" in each for each in desk.alerts))
        await desk.do(venue.floor.faults.mute.clear)
        await desk.listens()

    live(venue, scenario, symbols=(AAPL,), silence_s=0.6)


def test_frames_that_can_not_be_read_are_counted_and_the_rest_lives(venue: AlpacaVenue) -> None:
    async def scenario(desk: Desk) -> None:
        await desk.listens()
        odd = json.dumps([{"T": "q", "S": "AAPL", "bp": -1, "ap": 5}, {"T": "q", "S": "XXXX"}])
        for junk in ("{", "[1]", odd):
            await desk.do(partial(venue.floor.say, junk, "data"))
        await desk.do(lambda: venue.floor.quote("AAPL", "189.98", "190.02"))
        await desk.shows("189.98", "190.02")

    desk = live(venue, scenario, symbols=(AAPL,))
    assert desk.source.feeds[0].unreadable == 4


def test_a_key_that_is_not_accepted_is_told_once_and_not_tried_again(venue: AlpacaVenue) -> None:
    async def scenario(desk: Desk) -> None:
        await until(lambda: bool(desk.alerts))
        await asyncio.sleep(0.3)

    desk = live(venue, scenario, symbols=(AAPL,), credential=Credential("PKWRONG", "wrong"))
    assert sum("does not accept the key (" in each for each in desk.alerts) == 1
    assert venue.floor.connections == 1
    assert desk.source.feeds[0].rows()[0].read().state is HealthState.DOWN


def test_more_channels_than_the_plan_has_are_told(venue: AlpacaVenue) -> None:
    async def scenario(desk: Desk) -> None:
        await until(lambda: any("symbol limit exceeded" in each for each in desk.alerts))

    venue.do(lambda: setattr(venue.floor, "channels_max", 1))
    live(venue, scenario, symbols=(AAPL,))


def test_without_history_the_market_comes_all_the_same(venue: AlpacaVenue) -> None:
    async def scenario(desk: Desk) -> None:
        await desk.listens()
        await desk.do(lambda: venue.floor.quote("AAPL", "189.98", "190.02"))
        await desk.shows("189.98", "190.02")

    fault = RestFault("garbage", "GET", "/v2/stocks/bars", times=9)
    venue.do(lambda: venue.floor.faults.rest.append(fault))
    desk = live(venue, scenario, symbols=(AAPL,))
    assert any(each.startswith("no history of AAPL") for each in desk.alerts)


def test_an_asset_that_can_not_be_asked_for_is_asked_for_again(
    venue: AlpacaVenue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.adapters.alpaca.feed.ASK_AGAIN_S", 0.05)
    fault = RestFault("garbage", "GET", "/v2/assets", times=2)
    venue.do(lambda: venue.floor.faults.rest.append(fault))
    live(venue, Desk.listens, symbols=(AAPL,))


def test_a_symbol_that_alpaca_does_not_have_leaves_the_others_alone(venue: AlpacaVenue) -> None:
    async def scenario(desk: Desk) -> None:
        await until(lambda: ("quotes", AAPL) in desk.source.feeds[0].client.confirmed)
        await desk.do(lambda: venue.floor.quote("AAPL", "189.98", "190.02"))
        await desk.shows("189.98", "190.02")

    desk = live(venue, scenario, symbols=(Symbol("NOPE"), AAPL))
    assert any(each.startswith("NOPE gets no market data") for each in desk.alerts)


def test_more_symbols_are_followed_while_it_runs_and_the_first_coin_begins_a_stream_of_its_own(
    venue: AlpacaVenue,
) -> None:
    async def scenario(desk: Desk) -> None:
        source = desk.source
        await desk.listens()
        for unknown in (Symbol("NOPE"), Symbol("NOPE/USD"), Symbol("BTCUSD")):
            with pytest.raises(RejectedError):
                await source.follow(unknown)
        assert len(source.feeds) == 1
        with pytest.raises(RejectedError, match="the only one"):
            source.leave(AAPL)
        await source.follow(MSFT)
        await source.follow(BTC)
        assert list(source.wanted) == [AAPL, MSFT, BTC]
        await desk.listens()
        await desk.do(lambda: venue.floor.quote("MSFT", "410.98", "411.02"))
        await desk.do(lambda: venue.floor.quote("BTC/USD", "60999.12", "61000.55", "1.5", "2"))
        await desk.shows("410.98", "411.02", MSFT)
        await desk.shows("60999.12", "61000.55", BTC)
        assert [feed.connects for feed in source.feeds] == [1, 1]
        await desk.do(lambda: venue.floor.drop("data"))
        await until(lambda: all(feed.connects == 2 for feed in source.feeds))
        await desk.listens()
        source.leave(AAPL)
        assert list(source.wanted) == [MSFT, BTC]
        await desk.listens()
        await desk.do(lambda: venue.floor.quote("MSFT", "411.98", "412.02"))
        await desk.shows("411.98", "412.02", MSFT)

    desk = live(venue, scenario, symbols=(AAPL,))
    assert len(desk.market.bars.series(MSFT, MINUTE_NS).closed) > 100
    assert {row.name for row in desk.source.rows()} >= {"venue", "venue_crypto"}
    assert [feed.unreadable for feed in desk.source.feeds] == [0, 0]
