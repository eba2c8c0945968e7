"""The source of Binance's market data against a venue that speaks its protocol."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal

import pytest

from engine.clock import SystemClock
from engine.config import MarketSettings
from engine.market.bars import MINUTE_NS
from engine.market.market import Market
from engine.messages.views import HealthState
from engine.model.instrument import Symbol
from engine.model.market_state import Trust
from engine.model.market_status import Session
from engine.model.trade import Side
from tests.binance_bench import BTC, ETH, Live, live, venue_with_books
from tests.venues.binance.stock import ETH as ETH_PAIR
from tests.venues.binance.stock import Pair
from tests.venues.binance.venue import BinanceVenue
from tests.venues.walk import Walk

PEPE = Symbol("PEPEUSDT")


@pytest.fixture
def venue() -> Iterator[BinanceVenue]:
    with venue_with_books() as each:
        yield each


def test_the_books_are_the_venues_and_stay_so_while_it_moves(venue: BinanceVenue) -> None:
    async def scenario(desk: Live) -> None:
        await desk.agrees()
        walk = Walk(venue.floor, seed=7)
        for _ in range(300):
            await desk.do(walk.step)
        await desk.agrees()

    desk = live(venue, scenario, symbols=(BTC, ETH, PEPE))
    assert [book.resyncs for book in desk.market.books.values()] == [0, 0, 0]
    assert desk.market.counters.deltas > 100
    assert desk.market.counters.malformed == {}
    assert desk.alerts == []


def test_a_book_that_changes_while_it_is_read_comes_out_right(venue: BinanceVenue) -> None:
    async def scenario(desk: Live) -> None:
        venue.floor.faults.late_snapshot_s = 0.3
        walk = Walk(venue.floor, seed=11)
        await desk.until(lambda: any("/depth" in read for read in venue.floor.reads))
        for _ in range(50):
            await desk.do(walk.step)
        await desk.agrees()

    desk = live(venue, scenario)
    assert [book.resyncs for book in desk.market.books.values()] == [0, 0]
    assert desk.market.counters.noted["depth_buffered"] > 0


def test_instruments_have_the_steps_and_least_sizes_of_the_venue(venue: BinanceVenue) -> None:
    desk = live(venue, Live.agrees, symbols=(ETH, PEPE))
    instrument, fine = (desk.market.books[each].instrument for each in (ETH, PEPE))
    assert (instrument.price_unit, instrument.tick) == (Decimal("1e-8"), Decimal("0.01"))
    assert (instrument.size_unit, instrument.lot) == (Decimal("1e-8"), Decimal("0.0001"))
    assert (instrument.size_min, instrument.notional_min) == (Decimal("0.0001"), Decimal(5))
    assert (instrument.base, instrument.currency, instrument.venue) == ("ETH", "USDT", "binance")
    assert (fine.tick, fine.lot, fine.size_unit) == (Decimal("1e-8"), Decimal(1), Decimal("1e-5"))


def test_only_what_is_wanted_is_asked_for_and_no_faster_than_is_allowed() -> None:
    names = [f"C{number}USDT" for number in range(12)]
    pairs = tuple(Pair(name, name[:-4], "USDT", 2, 4) for name in names)
    with BinanceVenue(pairs) as venue:
        for name in names:
            venue.floor.change(name, [("99.00", "1.0000")], [("101.00", "1.0000")])
        wanted = tuple(Symbol(name) for name in names[:9])
        desk = live(venue, Live.agrees, symbols=wanted)
    asked = [json.loads(text) for text in venue.floor.requests]
    streams = [name for request in asked for name in request["params"]]
    feeds = ("depth@100ms", "trade", "bookTicker")
    assert streams == ["btcusdt@miniTicker", *(f"{n.lower()}@{f}" for n in names[:9] for f in feeds)]
    assert desk.source.connects == 1


def test_prints_and_touches_arrive_with_who_took(venue: BinanceVenue) -> None:
    async def scenario(desk: Live) -> None:
        await desk.agrees()
        await desk.do(lambda: venue.floor.trade(BTC, "sell", "60999.99", "0.12500"))
        await desk.do(lambda: venue.floor.change(BTC, bids=[("61000.00", "0.00001")]))
        await desk.until(lambda: desk.printed(BTC) and desk.market.states[BTC].bid == 61_000 * 10**8)

    desk = live(venue, scenario)
    (trade,) = desk.market.tape[BTC]
    assert (trade.price, trade.size, trade.aggressor) == (6_099_999 * 10**6, 12_500_000, Side.SELL)
    state = desk.market.states[BTC]
    assert (state.bid_size, state.source) == (1000, "binance")
    assert state.trust(SystemClock().now_ns()) is Trust.GOOD


def test_the_minutes_before_are_there_and_no_print_is_in_them_twice(venue: BinanceVenue) -> None:
    venue.floor.trade(BTC, "buy", "61000.01", "2.00000")
    old = venue.floor.books[BTC].prints[0]
    venue.floor.books[BTC].prints.appendleft(
        type(old)(old.number - 1, old.price, old.quantity, old.at_ms - 120_000, buyer_is_maker=False)
    )

    async def scenario(desk: Live) -> None:
        await desk.agrees()
        await desk.do(lambda: venue.floor.trade(BTC, "buy", "61000.01", "1.00000"))
        await desk.until(lambda: old.number + 1 in desk.printed(BTC))

    desk = live(venue, scenario)
    assert old.number - 1 not in desk.printed(BTC)
    bars = desk.market.bars.series(BTC, MINUTE_NS).closed
    assert len(bars) >= 999
    pairs = zip(bars, list(bars)[1:], strict=False)
    assert all(after.start_ns - before.start_ns == MINUTE_NS for before, after in pairs)
    assert {bar.volume for bar in list(bars)[:999]} == {10**8}
    assert all(bar.turnover == bar.close * bar.volume for bar in list(bars)[:999])


def test_a_symbol_that_the_venue_does_not_have_is_told_once_and_the_others_live(venue: BinanceVenue) -> None:
    async def scenario(desk: Live) -> None:
        await desk.until(lambda: desk.row("venue").value == "3 of 6 feeds")
        assert desk.row("venue").state is HealthState.DEGRADED
        looks = sum("exchangeInfo" in read for read in venue.floor.reads)
        await desk.until(lambda: sum("exchangeInfo" in read for read in venue.floor.reads) > looks + 2)

    desk = live(venue, scenario, symbols=(BTC, Symbol("BTCUSD")), look_s=0.05)
    assert desk.alerts == ["Binance has no pair BTCUSD; it has BTCUSDT, ETHUSDT"]


def test_a_pair_that_is_not_trading_is_halted_and_opens_again(venue: BinanceVenue) -> None:
    halted = Pair("BTCUSDT", "BTC", "USDT", 2, 5, status="BREAK")
    there = venue.floor.books[BTC].pair

    async def scenario(desk: Live) -> None:
        await desk.agrees()
        await desk.do(lambda: venue.floor.list_again(halted))
        await desk.until(lambda: desk.market.states[BTC].session is Session.HALTED)
        assert desk.market.states[BTC].session_reason == "Binance says BREAK"
        assert desk.market.states[ETH].session is Session.OPEN
        await desk.do(lambda: venue.floor.list_again(there))
        await desk.until(lambda: desk.market.states[BTC].session is Session.OPEN)

    live(venue, scenario, look_s=0.05)


def test_a_book_shows_what_lies_between_the_steps_of_orders(venue: BinanceVenue) -> None:
    async def scenario(desk: Live) -> None:
        await desk.agrees()
        await desk.do(lambda: venue.floor.change(BTC, bids=[("61000.005", "0.00000001")]))
        await desk.agrees()

    desk = live(venue, scenario)
    assert (desk.source.unreadable, desk.market.books[BTC].resyncs) == (0, 0)


def test_a_pair_whose_steps_change_gets_no_more_data_and_its_quote_is_not_believed(
    venue: BinanceVenue,
) -> None:
    larger = Pair("BTCUSDT", "BTC", "USDT", 2, 5, max_qty="46116860414.00000000")

    async def scenario(desk: Live) -> None:
        await desk.agrees()
        await desk.do(lambda: venue.floor.list_again(larger))
        await desk.until(lambda: desk.market.states[BTC].distrust_reason)
        await desk.until(
            lambda: not any("btcusdt@depth" in session.streams for session in venue.floor.sessions)
        )

    desk = live(venue, scenario, look_s=0.05)
    (alert,) = desk.alerts
    assert alert.startswith(
        "BTCUSDT is kept in steps of 1E-8 x 1E-8, and is listed now in steps of 1E-8 x 0.00001"
    )
    assert desk.market.states[ETH].distrust_reason == ""


def test_a_pair_that_can_not_be_read_is_told_and_the_others_live() -> None:
    odd = Pair("BTCUSDT", "BTC", "USDT", 2, 5, tick="one cent")
    with venue_with_books((odd, ETH_PAIR)) as venue:

        async def scenario(desk: Live) -> None:
            await desk.until(lambda: desk.row("venue").value == "3 of 6 feeds")

        desk = live(venue, scenario)
    assert desk.alerts == ["BTCUSDT gets no market data: not_a_number: one cent"]
    assert list(desk.market.books) == [ETH]


def test_an_instrument_that_the_journal_named_gets_the_venues_numbers(venue: BinanceVenue) -> None:
    named = live(venue, Live.agrees).market.books[BTC].instrument
    market = Market(MarketSettings(), SystemClock())
    market.on_listed(named)

    async def scenario(desk: Live) -> None:
        await desk.agrees()
        venue.floor.faults.skip = 1
        await desk.do(lambda: venue.floor.change(BTC, bids=[("61000.00", "1.00000")]))
        await desk.do(lambda: venue.floor.change(BTC, bids=[("60000.00", "1.00000")]))
        await desk.agrees()

    assert live(venue, scenario, market=market).market.books[BTC].resyncs == 1


def test_the_venues_clock_and_what_was_asked_of_it_are_told(venue: BinanceVenue) -> None:
    venue.floor.faults.skew_s = 10.0
    venue.rest.weight_max = 1200
    desk = live(venue, Live.agrees)
    assert desk.source.skew_ns is not None
    assert 9 * 10**9 < desk.source.skew_ns < 11 * 10**9
    assert desk.row("venue_clock").state is HealthState.DOWN
    assert desk.row("request_weight").state is HealthState.OK
    assert desk.row("request_weight").value.endswith(" of 1,200")
