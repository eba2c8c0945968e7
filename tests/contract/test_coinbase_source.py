"""The source of Coinbase's market data against a venue that speaks its protocol."""

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
from tests.coinbase_bench import BTC, ETH, Live, live, venue_with_books
from tests.venues.coinbase.stock import BTC as BTC_PAIR
from tests.venues.coinbase.stock import ETH as ETH_PAIR
from tests.venues.coinbase.stock import SHIB as SHIB_PAIR
from tests.venues.coinbase.stock import Pair
from tests.venues.coinbase.venue import CoinbaseVenue
from tests.venues.walk import Walk

SHIB = Symbol("SHIB-USD")


@pytest.fixture
def venue() -> Iterator[CoinbaseVenue]:
    with venue_with_books() as each:
        yield each


def test_books_of_every_price_are_the_venues_and_stay_so_while_it_moves(venue: CoinbaseVenue) -> None:
    async def scenario(desk: Live) -> None:
        await desk.agrees()
        walk = Walk(venue.floor, seed=11)
        for _ in range(200):
            await desk.do(walk.step)
        await desk.agrees()

    desk = live(venue, scenario, symbols=(BTC, ETH, SHIB))
    assert [book.resyncs for book in desk.market.books.values()] == [0, 0, 0]
    assert (desk.source.connects, desk.market.counters.malformed, desk.alerts) == (1, {}, [])


def test_instruments_have_the_steps_and_least_sizes_of_the_venue(venue: CoinbaseVenue) -> None:
    desk = live(venue, Live.agrees, symbols=(ETH, SHIB))
    instrument, fine = (desk.market.books[each].instrument for each in (ETH, SHIB))
    assert (instrument.price_unit, instrument.tick) == (Decimal("1e-8"), Decimal("0.01"))
    assert (instrument.size_unit, instrument.lot) == (Decimal("1e-8"), Decimal("1e-8"))
    assert (instrument.size_min, instrument.notional_min) == (Decimal("0.0001"), Decimal(1))
    assert (instrument.base, instrument.currency, instrument.venue) == ("ETH", "USD", "coinbase")
    assert (fine.tick, fine.lot, fine.size_min) == (Decimal("1e-8"), Decimal(1), Decimal(1))


def test_only_what_is_wanted_is_asked_for_and_no_faster_than_is_allowed() -> None:
    pairs = tuple(Pair(f"C{number}-USD", 2, 4) for number in range(12))
    channels = ("level2", "market_trades", "ticker", "status")
    with CoinbaseVenue(pairs) as venue:
        for pair in pairs:
            venue.floor.change(pair.symbol, [("99.00", "1.0000")], [("101.00", "1.0000")])
        wanted = tuple(Symbol(pair.symbol) for pair in pairs[:9])

        async def scenario(desk: Live) -> None:
            await desk.agrees()
            confirmed = desk.source.client.subscribed
            await desk.until(lambda: all(confirmed.get(channel) == {*wanted} for channel in channels))

        desk = live(venue, scenario, symbols=wanted)
    asked = [json.loads(text) for text in venue.floor.requests]
    assert {each["type"] for each in asked} == {"subscribe"}
    assert asked[0] == {"type": "subscribe", "product_ids": [], "channel": "heartbeats"}
    for channel in channels:
        products = [name for each in asked if each["channel"] == channel for name in each["product_ids"]]
        assert products == list(wanted)
    assert len(asked) <= 1 + 4 * len(wanted)  # those that wait for the pace go together
    assert desk.source.connects == 1


def test_prints_and_touches_arrive_with_who_took(venue: CoinbaseVenue) -> None:
    async def scenario(desk: Live) -> None:
        await desk.agrees()
        await desk.do(lambda: venue.floor.change(BTC, bids=[("61000.00", "0.00000001")]))
        await desk.do(lambda: venue.floor.trade(BTC, "sell", "60999.99", "0.125"))
        await desk.until(lambda: desk.printed(BTC) and desk.market.states[BTC].bid == 61_000 * 10**8)

    desk = live(venue, scenario)
    (trade,) = desk.market.tape[BTC]
    assert (trade.price, trade.size, trade.aggressor) == (6_099_999 * 10**6, 12_500_000, Side.SELL)
    state = desk.market.states[BTC]
    assert (state.bid_size, state.source) == (1, "coinbase")
    assert state.trust(SystemClock().now_ns()) is Trust.GOOD


def test_a_touch_moves_with_the_book_where_nobody_trades(venue: CoinbaseVenue) -> None:
    async def scenario(desk: Live) -> None:
        await desk.agrees()
        bids = iter(f"60999.99{digit}" for digit in range(1, 10**6))
        venue_ns = SystemClock().monotonic_ns() + 10**9

        def improved() -> bool:
            price = next(bids)
            venue.do(lambda: venue.floor.change(BTC, bids=[(price, "1")]))
            return SystemClock().monotonic_ns() > venue_ns

        await desk.until(improved)
        best = venue.do(lambda: venue.floor.books[BTC].touch()[0][0])
        await desk.until(lambda: desk.market.states[BTC].bid == int(Decimal(best) * 10**8))

    live(venue, scenario)


def test_the_minutes_before_are_there_and_no_print_is_in_them_twice(venue: CoinbaseVenue) -> None:
    venue.floor.trade(BTC, "buy", "61000.01", "2")
    old = venue.floor.books[BTC].prints[0]
    before = type(old)(old.number - 1, old.symbol, old.side, old.price, "1", "2020-01-01T00:00:00Z")
    venue.floor.books[BTC].prints.appendleft(before)

    async def scenario(desk: Live) -> None:
        await desk.agrees()
        await desk.do(lambda: venue.floor.trade(BTC, "buy", "61000.01", "1"))
        await desk.until(lambda: old.number + 1 in desk.printed(BTC))

    desk = live(venue, scenario)
    assert old.number - 1 not in desk.printed(BTC)
    bars = desk.market.bars.series(BTC, MINUTE_NS).closed
    assert len(bars) >= 1049
    pairs = zip(bars, list(bars)[1:], strict=False)
    assert all(after.start_ns - before.start_ns == MINUTE_NS for before, after in pairs)
    assert {bar.volume for bar in list(bars)[:1049]} == {10**8}
    reads = [read for read in venue.floor.reads if "BTC-USD/candles" in read]
    assert len(reads) == 3


def test_minutes_that_are_known_are_not_asked_for_again(venue: CoinbaseVenue) -> None:
    known_ns = SystemClock().now_ns() // MINUTE_NS * MINUTE_NS - 10 * MINUTE_NS

    async def scenario(desk: Live) -> None:
        desk.source.known_to_ns = lambda _: known_ns
        await desk.agrees()

    bars = live(venue, scenario, symbols=(BTC,)).market.bars.series(BTC, MINUTE_NS).closed
    assert bars[0].start_ns == known_ns
    assert len([read for read in venue.floor.reads if "candles" in read]) == 1


def test_a_product_that_is_not_online_is_halted_at_once_and_opens_again(venue: CoinbaseVenue) -> None:
    async def scenario(desk: Live) -> None:
        await desk.agrees()
        await desk.do(lambda: venue.floor.list_again(Pair("BTC-USD", 2, 8, status="offline")))
        await desk.until(lambda: desk.market.states[BTC].session is Session.HALTED)
        assert desk.market.states[BTC].session_reason == "Coinbase says offline"
        assert desk.market.states[ETH].session is Session.OPEN
        await desk.do(lambda: venue.floor.list_again(BTC_PAIR))
        await desk.until(lambda: desk.market.states[BTC].session is Session.OPEN)

    live(venue, scenario)


def test_a_mode_in_which_orders_can_not_meet_is_a_halt_that_the_stream_does_not_lift(
    venue: CoinbaseVenue,
) -> None:
    async def scenario(desk: Live) -> None:
        await desk.agrees()
        await desk.do(lambda: venue.floor.list_again(Pair("BTC-USD", 2, 8, mode="post_only"), quietly=True))
        await desk.until(lambda: desk.market.states[BTC].session is Session.HALTED)
        assert desk.market.states[BTC].session_reason == "Coinbase says post only"
        statuses = desk.market.counters.statuses
        online = Pair("BTC-USD", 2, 8, mode="post_only")
        for pair in (Pair("BTC-USD", 2, 8, mode="post_only", status="offline"), online):
            await desk.do(lambda pair=pair: venue.floor.list_again(pair))  # type: ignore[misc]
        await desk.until(lambda: desk.market.counters.statuses > statuses + 4)
        assert desk.market.states[BTC].session is Session.HALTED
        await desk.do(lambda: venue.floor.list_again(BTC_PAIR, quietly=True))
        await desk.until(lambda: desk.market.states[BTC].session is Session.OPEN)

    live(venue, scenario, look_s=0.05)


def test_a_product_that_is_told_by_another_name_is_told_once_and_the_others_live(
    venue: CoinbaseVenue,
) -> None:
    async def scenario(desk: Live) -> None:
        await desk.until(lambda: desk.row("venue").value == "3 of 6 feeds")
        looks = sum("product_ids" in read for read in venue.floor.reads)
        await desk.until(lambda: sum("product_ids" in read for read in venue.floor.reads) > looks + 2)

    desk = live(venue, scenario, symbols=(ETH, Symbol("BTC-USDC")), look_s=0.05)
    assert desk.alerts == ["Coinbase tells the market of BTC-USDC as BTC-USD: ask for BTC-USD"]
    assert list(desk.market.books) == [ETH]


def test_a_pair_whose_steps_change_gets_no_more_data_and_its_quote_is_not_believed(
    venue: CoinbaseVenue,
) -> None:
    async def scenario(desk: Live) -> None:
        await desk.agrees()
        await desk.do(lambda: venue.floor.list_again(Pair("BTC-USD", 9, 8), quietly=True))
        await desk.until(lambda: desk.market.states[BTC].distrust_reason)
        await desk.until(
            lambda: not any(session.channels["level2"] & {BTC} for session in venue.floor.sessions)
        )

    desk = live(venue, scenario, look_s=0.05)
    (alert,) = desk.alerts
    assert alert.startswith(
        "BTC-USD is kept in steps of 1E-8 x 1E-8, and is listed now in steps of 1E-9 x 1E-8"
    )
    assert desk.market.states[ETH].distrust_reason == ""


def test_a_pair_that_can_not_be_read_is_told_and_the_others_live() -> None:
    odd = Pair("BTC-USD", 2, 8, tick="one cent")
    with venue_with_books((odd, ETH_PAIR)) as venue:

        async def scenario(desk: Live) -> None:
            await desk.until(lambda: desk.row("venue").value == "3 of 6 feeds")

        desk = live(venue, scenario)
    assert desk.alerts == ["BTC-USD gets no market data: not_a_number: one cent"]
    assert list(desk.market.books) == [ETH]


def test_an_instrument_that_the_journal_named_gets_the_venues_numbers(venue: CoinbaseVenue) -> None:
    named = live(venue, Live.agrees).market.books[BTC].instrument
    market = Market(MarketSettings(), SystemClock())
    market.on_listed(named)

    async def scenario(desk: Live) -> None:
        await desk.agrees()
        await desk.do(lambda: venue.floor.say('{"channel":"l2_data","events":[{"product_id":"BTC-USD"}]}'))
        await desk.do(lambda: venue.floor.change(BTC, bids=[("61000.00", "1")]))
        await desk.until(lambda: desk.market.books[BTC].resyncs == 1)
        await desk.agrees()

    live(venue, scenario, market=market)


def test_the_venues_clock_is_measured_and_told(venue: CoinbaseVenue) -> None:
    venue.floor.faults.skew_s = 10.0
    desk = live(venue, Live.agrees)
    assert desk.source.skew_ns is not None
    assert 9 * 10**9 < desk.source.skew_ns < 11 * 10**9
    assert desk.row("venue_clock").state is HealthState.DOWN


def test_a_quiet_product_is_no_mute_connection_while_the_heart_beats() -> None:
    with venue_with_books((SHIB_PAIR,)) as venue:

        async def scenario(desk: Live) -> None:
            await desk.agrees()
            silent_ns = SystemClock().monotonic_ns() + 4 * 10**9
            await desk.until(lambda: SystemClock().monotonic_ns() > silent_ns)

        assert live(venue, scenario, symbols=(SHIB,), silence_s=1.5).source.connects == 1
