"""What goes wrong at the venue or on the way: afterwards the books are right, nothing came twice, and it was told."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest

from engine.clock import SystemClock
from engine.messages.views import HealthState
from engine.model.instrument import Symbol
from engine.model.market_state import Trust
from engine.transport.stream import FRAME_BYTES_MAX
from tests.coinbase_bench import BTC, ETH, Live, live, venue_with_books
from tests.contract.local_sources import LocalContract
from tests.venues.coinbase.floor import Floor
from tests.venues.coinbase.stock import ETH as ETH_PAIR
from tests.venues.coinbase.venue import CoinbaseVenue


@pytest.fixture
def venue() -> Iterator[CoinbaseVenue]:
    with venue_with_books() as each:
        yield each


class TestCoinbase(LocalContract):
    """What every source promises."""

    label, btc, eth, unknown, price = "Coinbase", BTC, ETH, Symbol("BTCUSD"), "61000.01"
    too_large = 17_000_000

    def live(self, venue: CoinbaseVenue, scenario: Callable[[Live], Awaitable[None]], **terms: Any) -> Live:
        return live(venue, scenario, **terms)

    def history_fails(self, floor: Floor) -> str:
        floor.faults.status, floor.faults.status_of = 404, "/candles"
        return "/api/v3/brokerage/market/products/{}/candles: the venue answered 404"

    def prints(self, floor: Floor) -> list[int]:
        return [each.number for each in floor.books[BTC].prints]


async def moves_on(desk: Live, floor: Floor) -> None:
    await TestCoinbase().moves_on(desk, floor)


def level(text: str) -> str:
    """Return a change of one level."""
    return f'{{"channel":"l2_data","events":[{{"type":"update","product_id":"BTC-USD","updates":[{text}]}}]}}'


GARBAGE: tuple[str | bytes, ...] = (
    b"\x00\xff\xfe",
    "",
    "{",
    "[]",
    "null",
    "17",
    "[" * 100_000,
    "{}",
    '{"channel":"l2_data"',
    '{"channel":"l2_data","sequence_num":"one","events":[]}',
    '{"channel":"l2_data","events":{}}',
    '{"channel":"l2_data","events":[{"type":"update","updates":[]}]}',
    '{"channel":"l2_data","events":[{"type":"update","product_id":"BTC-USD","updates":[{"side":"bid"}]}]}',
    '{"channel":"l2_data","events":[{"type":"eclipse","product_id":"BTC-USD","updates":[]}]}',
    '{"channel":"l2_data","events":[{"type":"update","product_id":"\\u001b]52;c;aGk=\\u0007","updates":[]}]}',
    level('{"side":"ask","price_level":"1","new_quantity":"1"}'),
    level('{"side":"bid","price_level":"-1","new_quantity":"1"}'),
    level('{"side":"bid","price_level":"1e999999999","new_quantity":"1"}'),
    level('{"side":"bid","price_level":"61000.000000005","new_quantity":"1"}'),
    '{"channel":"market_trades","events":[{"trades":[{"product_id":"BTC-USD","trade_id":"-4","price":"1","size":"1"}]}]}',
    '{"channel":"market_trades","events":[{"trades":[{"product_id":"BTC-USD","trade_id":"x","price":"1","size":"1"}]}]}',
    '{"channel":"market_trades","events":[{"trades":[{"product_id":"BTC-USD","trade_id":"9","price":"é","size":"1"}]}]}',
    '{"channel":"ticker","events":[{"tickers":[{"product_id":"BTC-USD","best_bid":"0","best_ask":"1"}]}]}',
    '{"channel":"status","events":[{"products":[{"status":"online"}]}]}',
    '{"channel":"subscriptions","events":[{"subscriptions":[]}]}',
)


def test_garbage_is_counted_and_costs_no_more_than_a_fresh_book(venue: CoinbaseVenue) -> None:
    async def scenario(desk: Live) -> None:
        await desk.agrees()
        for frame in GARBAGE:
            await desk.do(lambda frame=frame: venue.floor.say(frame))  # type: ignore[misc]
        await desk.until(lambda: desk.source.unreadable == len(GARBAGE))
        await moves_on(desk, venue.floor)

    desk = live(venue, scenario)
    assert sum(desk.market.counters.malformed.values()) == len(GARBAGE)
    assert (desk.source.connects, desk.alerts) == (1, [])
    assert [desk.market.books[each].resyncs for each in (BTC, ETH)] == [1, 1]  # some named no product


def test_a_change_that_can_not_be_read_is_missed_by_its_own_book_alone(venue: CoinbaseVenue) -> None:
    async def scenario(desk: Live) -> None:
        await desk.agrees()
        await desk.do(lambda: venue.floor.change(BTC, bids=[("61000.000000005", "1")]))
        await desk.do(lambda: venue.floor.books[BTC].bids.change([("61000.000000005", "0")]))
        for symbol, price in ((ETH, "2650.00"), (BTC, "61000.00")):
            await desk.do(lambda symbol=symbol, price=price: venue.floor.change(symbol, bids=[(price, "1")]))  # type: ignore[misc]
        await desk.until(lambda: desk.market.books[BTC].resyncs == 1)
        await desk.agrees()
        await moves_on(desk, venue.floor)

    desk = live(venue, scenario)
    assert desk.market.books[ETH].resyncs == 0
    assert (desk.source.connects, desk.source.resyncs, desk.source.unreadable) == (1, 1, 1)


@pytest.mark.parametrize("skip", [1, 3])
def test_a_gap_in_the_numbers_begins_a_new_connection_on_which_nothing_is_missing(
    venue: CoinbaseVenue, skip: int
) -> None:
    async def scenario(desk: Live) -> None:
        await desk.agrees()
        venue.floor.faults.skip = skip
        for size in range(1, 6):
            await desk.do(lambda size=size: venue.floor.change(BTC, bids=[("61000.00", f"{size}")]))  # type: ignore[misc]
            await desk.do(lambda size=size: venue.floor.trade(BTC, "buy", "61000.01", f"0.{size}"))  # type: ignore[misc]
        await desk.until(lambda: desk.source.connects == 2)
        await desk.until(lambda: len(desk.printed(BTC)) == 5)
        await moves_on(desk, venue.floor)

    desk = live(venue, scenario)
    assert desk.alerts[0].startswith("Coinbase is not connected: its message ")
    assert desk.alerts[1:] == ["Coinbase is connected again"]


def test_nothing_is_believed_that_comes_after_a_gap(venue: CoinbaseVenue) -> None:
    async def scenario(desk: Live) -> None:
        await desk.agrees()
        applied = desk.market.counters.deltas

        def lose_one_and_go_on() -> None:
            venue.floor.faults.skip = 1
            for size in range(1, 4):
                venue.floor.change(BTC, bids=[("61000.00", f"{size}")])
            venue.floor.faults.mute = True

        await desk.do(lose_one_and_go_on)
        await desk.until(lambda: desk.market.states[BTC].distrust_reason)
        assert desk.market.counters.deltas == applied
        assert desk.market.states[BTC].trust(SystemClock().now_ns()) is Trust.DISTRUSTED
        venue.floor.faults.mute = False
        await moves_on(desk, venue.floor)

    live(venue, scenario)


def test_a_whole_book_beyond_what_other_venues_may_send_is_taken() -> None:
    with venue_with_books((ETH_PAIR,), levels=24_000) as venue:
        desk = live(venue, Live.agrees, symbols=(ETH,), depth=24_000)
        told = venue.do(
            lambda: len(
                str(venue.floor.books[ETH].event("snapshot", *venue.floor.books[ETH].tops(24_000), ""))
            )
        )
    assert told > FRAME_BYTES_MAX
    assert desk.source.connects == 1
    assert len(desk.market.books[ETH].bids) == 24_000


def test_a_venue_that_was_asked_too_often_is_left_alone_and_the_stream_goes_on(venue: CoinbaseVenue) -> None:
    async def scenario(desk: Live) -> None:
        await desk.agrees()
        venue.floor.faults.status, venue.floor.faults.retry_after = 429, "30"
        await desk.until(lambda: desk.row("route_data").state is HealthState.DOWN)
        reads = len(venue.floor.reads)
        venue.floor.faults.status = 200
        await moves_on(desk, venue.floor)
        assert len(venue.floor.reads) == reads

    desk = live(venue, scenario, look_s=0.05)
    assert desk.source.connects == 1
    assert desk.row("route_history").state is HealthState.DOWN


def test_products_that_can_not_be_looked_up_are_told_once_and_found_later(venue: CoinbaseVenue) -> None:
    venue.floor.faults.status, venue.floor.faults.status_of = 400, "/products"

    async def scenario(desk: Live) -> None:
        await desk.until(lambda: desk.alerts)
        assert desk.market.books == {}
        venue.floor.faults.status = 200
        await moves_on(desk, venue.floor)

    assert live(venue, scenario).alerts == [
        "the products can't be looked up: /api/v3/brokerage/market/products: the venue answered 400"
    ]


def test_a_refusal_is_told(venue: CoinbaseVenue) -> None:
    async def scenario(desk: Live) -> None:
        await desk.agrees()
        await desk.do(lambda: venue.floor.say('{"type":"error","message":"no \\u001b[2Jsuch product"}'))
        await desk.until(lambda: desk.alerts)
        await moves_on(desk, venue.floor)

    assert live(venue, scenario).alerts == ["Coinbase refused a request: no [2Jsuch product"]
