"""The source of Kraken's market data against a venue that speaks its protocol."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from decimal import Decimal

import pytest

from engine.adapters.live import source as live_source
from engine.adapters.live.listed import unknown
from engine.clock import SystemClock
from engine.config import MarketSettings
from engine.market.bars import MINUTE_NS
from engine.market.market import Market
from engine.messages.views import HealthState
from engine.model.instrument import Symbol
from engine.model.market_state import Trust
from engine.model.market_status import Session
from engine.model.trade import Side
from tests.kraken_bench import BTC, ETH, Live, live, venue_with_books
from tests.venues.kraken.books import Pair
from tests.venues.kraken.stock import ETH as ETH_PAIR
from tests.venues.kraken.venue import KrakenVenue


@pytest.fixture
def venue() -> Iterator[KrakenVenue]:
    with venue_with_books() as each:
        yield each


@pytest.mark.parametrize("depth", [10, 25])
def test_levels_that_were_pushed_out_are_not_kept_for_later(venue: KrakenVenue, depth: int) -> None:
    async def scenario(desk: Live) -> None:
        await desk.agrees()
        better = [(f"{61000 + step / 10:.1f}", "1.00000000") for step in range(1, 9)]
        await desk.do(lambda: venue.floor.change(BTC, asks=[(price, "0") for price, _ in better]))
        await desk.do(lambda: venue.floor.change(BTC, bids=better))
        await desk.agrees()
        await desk.do(lambda: venue.floor.change(BTC, bids=[(price, "0") for price, _ in better]))
        await desk.agrees()

    desk = live(venue, scenario, symbols=(BTC,), depth=depth)
    assert desk.market.books[BTC].resyncs == 0


def test_instruments_have_the_steps_and_least_sizes_of_the_venue(venue: KrakenVenue) -> None:
    desk = live(venue, Live.agrees)
    instrument = desk.market.books[ETH].instrument
    assert (instrument.price_unit, instrument.tick) == (Decimal("0.01"), Decimal("0.01"))
    assert (instrument.size_unit, instrument.lot) == (Decimal("1e-8"), Decimal("1e-8"))
    assert (instrument.size_min, instrument.notional_min) == (Decimal("0.002"), Decimal("0.5"))
    assert (instrument.base, instrument.currency, instrument.venue) == ("ETH", "USD", "kraken")


def test_only_what_is_wanted_is_asked_for(venue: KrakenVenue) -> None:
    live(venue, Live.agrees, symbols=(ETH,))
    asked = [json.loads(text)["params"] for text in venue.floor.requests if "params" in text]
    assert [terms["channel"] for terms in asked] == ["instrument", "book", "trade", "ticker"]
    assert all(terms["symbol"] == ["ETH/USD"] for terms in asked[1:])
    assert asked[1]["depth"] == 10
    assert asked[3]["event_trigger"] == "bbo"


def test_prints_and_touches_arrive_with_who_took(venue: KrakenVenue) -> None:
    async def scenario(desk: Live) -> None:
        await desk.agrees()
        await desk.do(lambda: venue.floor.trade(BTC, "sell", "60999.9", "0.12500000"))
        await desk.do(lambda: venue.floor.change(BTC, bids=[("61000.0", "0.00000001")]))
        await desk.until(lambda: desk.printed(BTC) and desk.market.states[BTC].bid == 610_000)

    desk = live(venue, scenario)
    (trade,) = desk.market.tape[BTC]
    assert (trade.price, trade.size, trade.aggressor) == (609_999, 12_500_000, Side.SELL)
    state = desk.market.states[BTC]
    assert (state.bid_size, state.source) == (1, "kraken")
    assert state.trust(SystemClock().now_ns()) is Trust.GOOD


def test_the_minutes_before_are_there_and_no_print_is_in_them_twice(venue: KrakenVenue) -> None:
    async def scenario(desk: Live) -> None:
        await desk.agrees()
        await desk.do(lambda: venue.floor.trade(BTC, "buy", "61000.1", "1.00000000"))
        await desk.until(lambda: len(desk.printed(BTC)) == 1)

    desk = live(venue, scenario)
    bars = desk.market.bars.series(BTC, MINUTE_NS).closed
    assert len(bars) >= 720
    assert all(
        after.start_ns - before.start_ns == MINUTE_NS
        for before, after in zip(bars, list(bars)[1:], strict=False)
    )
    assert {bar.volume for bar in bars} == {100_000_000}
    assert all(bar.turnover == bar.close * bar.volume for bar in bars)
    assert venue.floor.reads[0] == "/0/public/OHLC?pair=XBTUSD&interval=1"


def test_a_history_that_hangs_holds_the_market_up_no_longer_than_it_is_worth(
    venue: KrakenVenue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_source, "HISTORY_S", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as mute:  # takes connections, and never answers
        rest_url = f"http://127.0.0.1:{mute.getsockname()[1]}"
        desk = live(venue, Live.agrees, rest_url=rest_url)
    assert desk.alerts == [
        f"no history of {name}: it did not come in time" for name in ("BTC/USD", "ETH/USD")
    ]


def test_what_the_venue_calls_its_pairs_is_cleaned_before_it_is_shown() -> None:
    assert unknown("Kraken", [Symbol("BTC/EUR")], {"BTC/EU\x1b[2JR"}) == (
        "Kraken has no pair BTC/EUR; it has BTC/EU[2JR"
    )


def test_a_venue_that_is_not_online_halts_what_it_trades(venue: KrakenVenue) -> None:
    async def scenario(desk: Live) -> None:
        await desk.agrees()
        await desk.do(lambda: venue.floor.set_system("maintenance"))
        await desk.until(lambda: desk.market.states[BTC].session is Session.HALTED)
        assert desk.market.states[BTC].session_reason == "Kraken is maintenance"
        await desk.do(lambda: venue.floor.set_system("online"))
        await desk.until(lambda: desk.market.states[BTC].session is Session.OPEN)

    live(venue, scenario)


def test_a_pair_that_is_not_online_is_halted_alone(venue: KrakenVenue) -> None:
    halted = Pair("BTC/USD", 1, 8, "0.1", status="cancel_only")

    async def scenario(desk: Live) -> None:
        await desk.agrees()
        await desk.do(lambda: venue.floor.list_again(halted))
        await desk.until(lambda: desk.market.states[BTC].session is Session.HALTED)
        assert desk.market.states[BTC].session_reason == "Kraken is cancel_only"
        assert desk.market.states[ETH].session is Session.OPEN

    live(venue, scenario)


def test_a_pair_whose_steps_change_gets_no_more_data_and_its_quote_is_not_believed(
    venue: KrakenVenue,
) -> None:
    finer = Pair("BTC/USD", 2, 8, "0.01")

    async def scenario(desk: Live) -> None:
        await desk.agrees()
        await desk.do(lambda: venue.floor.list_again(finer))
        await desk.until(lambda: desk.market.states[BTC].distrust_reason)
        await desk.until(lambda: not any(session.books.get("BTC/USD") for session in venue.floor.sessions))

    desk = live(venue, scenario)
    (alert,) = desk.alerts
    assert alert.startswith(
        "BTC/USD is kept in steps of 0.1 x 1E-8, and is listed now in steps of 0.01 x 1E-8"
    )
    assert desk.market.states[ETH].distrust_reason == ""


def test_a_pair_that_can_not_be_read_is_told_and_the_others_live() -> None:
    odd = Pair("BTC/USD", 1, 8, "0.03")  # a tick that is no whole number of the price's last digit
    with venue_with_books((odd, ETH_PAIR)) as venue:

        async def scenario(desk: Live) -> None:
            await desk.until(lambda: desk.row("venue").value == "3 of 6 feeds")

        desk = live(venue, scenario)
    (alert,) = desk.alerts
    assert alert.startswith("BTC/USD gets no market data: bad_instrument: tick")
    assert list(desk.market.books) == [ETH]


def test_an_instrument_that_the_journal_named_gets_the_venues_checksums(venue: KrakenVenue) -> None:
    named = live(venue, Live.agrees).market.books[BTC].instrument
    market = Market(MarketSettings(), SystemClock())
    market.on_listed(named)

    async def scenario(desk: Live) -> None:
        await desk.agrees()
        await desk.do(lambda: venue.floor.change(BTC, bids=[("61000.0", "1.00000000")]))
        await desk.agrees()

    assert live(venue, scenario, market=market).market.books[BTC].resyncs == 0


def test_a_clock_that_was_put_is_asked_for_again_at_once(venue: KrakenVenue) -> None:
    async def scenario(desk: Live) -> None:
        await desk.until(lambda: desk.source.skew_ns is not None)
        await desk.agrees()
        await desk.do(lambda: setattr(venue.floor.faults, "skew_s", 10.0))
        desk.source.client.ping()  # none is due for minutes
        await desk.until(lambda: (desk.source.skew_ns or 0) > 9 * 10**9)

    live(venue, scenario, silence_s=600.0)


def test_the_venues_clock_is_measured_and_told(venue: KrakenVenue) -> None:
    venue.floor.faults.skew_s = 10.0

    async def scenario(desk: Live) -> None:
        await desk.until(lambda: desk.source.skew_ns is not None)

    desk = live(venue, scenario, silence_s=1.0)
    assert desk.source.skew_ns is not None
    assert 9 * 10**9 < desk.source.skew_ns < 11 * 10**9
    assert desk.row("venue_clock").state is HealthState.DOWN
