"""What goes wrong at the venue or on the way: afterwards the books are right, nothing came twice, and it was told."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest

from engine.clock import SystemClock
from engine.messages.views import HealthState
from engine.model.instrument import Symbol
from engine.transport import stream as streams
from tests.binance_bench import BTC, ETH, Live, live, venue_with_books
from tests.contract.local_sources import LocalContract
from tests.venues.binance.floor import Floor
from tests.venues.binance.venue import BinanceVenue


@pytest.fixture
def venue() -> Iterator[BinanceVenue]:
    with venue_with_books() as each:
        yield each


class TestBinance(LocalContract):
    """What every source promises."""

    label, btc, eth, unknown, price = "Binance", BTC, ETH, Symbol("BTCUSD"), "61000.01"

    def live(self, venue: BinanceVenue, scenario: Callable[[Live], Awaitable[None]], **terms: Any) -> Live:
        return live(venue, scenario, **terms)

    def history_fails(self, floor: Floor) -> str:
        floor.faults.status, floor.faults.status_of = 404, "/api/v3/klines"
        return "/api/v3/klines: the venue answered 404"

    def prints(self, floor: Floor) -> list[int]:
        return [each.number for each in floor.books[BTC].prints]


async def moves_on(desk: Live, floor: Floor) -> None:
    await TestBinance().moves_on(desk, floor)


def test_a_quiet_symbol_is_no_mute_connection_while_the_pulse_goes(venue: BinanceVenue) -> None:
    async def scenario(desk: Live) -> None:
        await desk.agrees()
        silent_ns = SystemClock().monotonic_ns() + 4 * 10**9
        await desk.until(lambda: SystemClock().monotonic_ns() > silent_ns)

    assert live(venue, scenario, symbols=(ETH,), silence_s=1.5).source.connects == 1


GARBAGE: tuple[str | bytes, ...] = (
    b"\x00\xff\xfe",
    "",
    "{",
    "[]",
    "null",
    "17",
    "[" * 100_000,
    "{}",
    '{"stream":"btcusdt@depth@100ms","data":[]}',
    '{"stream":"a","data":{"e":"depthUpdate","s":"BTCUSDT","U":1,"u":2,"b":"1","a":[]}}',
    '{"stream":"a","data":{"e":"depthUpdate","s":"BTCUSDT","U":-1,"u":2,"b":[],"a":[]}}',
    '{"stream":"a","data":{"e":"depthUpdate","s":"BTCUSDT","U":1,"u":99999999999999999999999,"b":[],"a":[]}}',
    '{"stream":"a","data":{"e":"depthUpdate","s":"BTCUSDT","U":1,"u":2,"b":[["-1","1"]],"a":[]}}',
    '{"stream":"a","data":{"e":"depthUpdate","s":"BTCUSDT","U":1,"u":2,"b":[["1e999999999","1"]],"a":[]}}',
    '{"stream":"a","data":{"e":"depthUpdate","s":"BTCUSDT","U":1,"u":2,"b":[["61000.000000005","1"]],"a":[]}}',
    '{"stream":"a","data":{"e":"depthUpdate","s":"BTCUSDT","U":1,"u":2,"b":[["1","1","1"]],"a":[]}}',
    '{"stream":"a","data":{"e":"depthUpdate","s":"\\u001b]52;c;aGk=\\u0007","U":1,"u":2,"b":[],"a":[]}}',
    '{"stream":"a","data":{"e":"trade","s":"BTCUSDT","t":9,"p":"é","q":"1","T":1,"m":true}}',
    '{"stream":"a","data":{"e":"trade","s":"BTCUSDT","t":-4,"p":"1","q":"1","T":1,"m":true}}',
    '{"stream":"a","data":{"e":"trade","s":"BTCUSDT","t":4,"p":"1","q":"1","T":9999999999999999,"m":true}}',
    '{"stream":"a","data":{"u":5,"s":"BTCUSDT","b":1,"B":"1","a":"2","A":"1"}}',
    '{"stream":"a","data":{"u":5,"s":"BTCUSDT","b":"0.00","B":"1","a":"2","A":"1"}}',
)


def test_garbage_is_counted_and_changes_nothing(venue: BinanceVenue) -> None:
    async def scenario(desk: Live) -> None:
        await desk.agrees()
        for frame in GARBAGE:
            await desk.do(lambda frame=frame: venue.floor.say(frame))  # type: ignore[misc]
        await desk.until(lambda: desk.source.unreadable == len(GARBAGE))
        await moves_on(desk, venue.floor)

    desk = live(venue, scenario)
    assert sum(desk.market.counters.malformed.values()) == len(GARBAGE)
    assert (desk.source.connects, desk.source.resyncs, desk.alerts) == (1, 0, [])


def test_a_refused_request_and_an_answer_to_nothing_are_told_or_left(venue: BinanceVenue) -> None:
    async def scenario(desk: Live) -> None:
        await desk.agrees()
        await desk.do(lambda: venue.floor.say('{"id":99,"code":2,"msg":"no \\u001b[2Jsuch stream"}'))
        await desk.do(lambda: venue.floor.say('{"result":null,"id":98}'))
        await desk.until(lambda: desk.alerts)
        await moves_on(desk, venue.floor)

    assert live(venue, scenario).alerts == ["Binance refused a request: no [2Jsuch stream (2)"]


def test_a_gap_in_the_numbers_brings_a_fresh_snapshot(venue: BinanceVenue) -> None:
    async def scenario(desk: Live) -> None:
        await desk.agrees()
        venue.floor.faults.skip = 2
        for size in ("1.00000", "2.00000", "3.00000"):
            await desk.do(lambda size=size: venue.floor.change(BTC, bids=[("61000.00", size)]))  # type: ignore[misc]
        await desk.until(lambda: desk.market.books[BTC].resyncs == 1)
        await desk.agrees()
        await moves_on(desk, venue.floor)

    desk = live(venue, scenario)
    assert desk.market.counters.refused["sequence"] == 1
    assert (desk.source.connects, desk.source.resyncs) == (1, 1)


def test_a_snapshot_from_before_the_stream_is_read_again(venue: BinanceVenue) -> None:
    venue.floor.faults.old_snapshots = 1

    async def scenario(desk: Live) -> None:
        await desk.until(lambda: desk.market.books.get(BTC) and desk.market.books[BTC].synced)
        await desk.do(lambda: venue.floor.change(BTC, bids=[("61000.00", "1.00000")]))
        await moves_on(desk, venue.floor)

    assert live(venue, scenario, symbols=(BTC,)).source.resyncs == 1


def test_a_snapshot_that_can_not_be_read_is_told_once_and_read_again(venue: BinanceVenue) -> None:
    venue.floor.faults.status, venue.floor.faults.status_of = 400, "/api/v3/depth"

    async def scenario(desk: Live) -> None:
        await desk.until(lambda: sum("/depth" in read for read in venue.floor.reads) > 3)
        venue.floor.faults.status = 200
        await moves_on(desk, venue.floor)

    assert sorted(live(venue, scenario).alerts) == [
        f"no book of {name}: /api/v3/depth: the venue answered 400" for name in ("BTCUSDT", "ETHUSDT")
    ]


def test_prints_that_can_not_be_read_do_not_hold_up_those_that_come(venue: BinanceVenue) -> None:
    venue.floor.faults.status, venue.floor.faults.status_of = 400, "/api/v3/trades"

    async def scenario(desk: Live) -> None:
        await desk.agrees()
        await moves_on(desk, venue.floor)

    desk = live(venue, scenario)
    assert "BTCUSDT may lack prints: /api/v3/trades: the venue answered 400" in desk.alerts


@pytest.mark.parametrize("status", [429, 418])
def test_a_venue_that_was_asked_too_often_is_left_alone_for_as_long_as_it_says(
    venue: BinanceVenue, status: int
) -> None:
    async def scenario(desk: Live) -> None:
        await desk.agrees()
        faults = venue.floor.faults
        faults.status, faults.retry_after, faults.skip = status, "5", 1
        await desk.do(lambda: venue.floor.change(BTC, bids=[("61000.00", "1.00000")]))
        await desk.do(lambda: venue.floor.change(BTC, bids=[("61000.00", "2.00000")]))
        await desk.until(lambda: desk.changes[:2] == ["open", "open"])
        reads = len(venue.floor.reads)
        for operation in ("data", "history"):
            assert desk.row(f"route_{operation}").state is HealthState.DOWN
            assert f"answered {status}" in desk.row(f"route_{operation}").detail
        patience_s = [each.retry_after_s for each in desk.source.circuits]
        assert all(0 < each <= 5 for each in patience_s)
        assert desk.row("venue").state is HealthState.OK  # the streams go on
        await desk.until(lambda: desk.source.circuits[0].retry_after_s < 1.5)
        assert len(venue.floor.reads) == reads  # although the book waits for its snapshot
        assert not desk.market.books[BTC].synced
        faults.status = 200
        await moves_on(desk, venue.floor)

    desk = live(venue, scenario)
    assert desk.changes[-1] == "closed"
    assert desk.source.connects == 1


def test_a_storm_of_5xx_opens_the_circuit_and_the_book_is_right_after_it(venue: BinanceVenue) -> None:
    async def scenario(desk: Live) -> None:
        await desk.agrees()
        venue.floor.faults.status, venue.floor.faults.skip = 502, 1
        for size in ("1.00000", "2.00000"):
            await desk.do(lambda size=size: venue.floor.change(BTC, bids=[("61000.00", size)]))  # type: ignore[misc]
        await desk.until(lambda: desk.row("route_data").state is HealthState.DOWN)
        assert desk.row("venue").state is HealthState.OK  # the streams go on
        venue.floor.faults.status = 200
        await moves_on(desk, venue.floor)

    desk = live(venue, scenario)
    assert (desk.changes[0], desk.changes[-1]) == ("open", "closed")
    assert desk.source.connects == 1


def test_a_connection_is_renewed_before_the_venue_ends_it(
    venue: BinanceVenue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "PROVEN_S", 0.0)

    async def scenario(desk: Live) -> None:
        await desk.until(lambda: desk.source.connects == 2)
        await desk.agrees()

    desk = live(venue, scenario, lifetime_s=2.0)
    assert desk.alerts[0] == "Binance's connection is renewed: its 24 hours are almost over"
    assert not [text for text in desk.alerts if "not connected" in text]
    assert desk.changes == []


@pytest.mark.parametrize(
    "frame",
    [
        '{"e":"serverShutdown","E":1770123456789}',
        '{"stream":"x","data":{"e":"serverShutdown","E":1770123456789}}',
    ],
)
def test_a_venue_that_is_about_to_shut_down_gets_a_new_connection_at_once(
    venue: BinanceVenue, frame: str
) -> None:
    async def scenario(desk: Live) -> None:
        await desk.agrees()
        await desk.do(lambda: venue.floor.say(frame))
        await desk.until(lambda: desk.source.connects == 2)
        await moves_on(desk, venue.floor)

    assert live(venue, scenario).alerts == [
        "Binance's connection is renewed: the venue is about to end it",
        "Binance is connected again",
    ]


def test_symbols_that_can_not_be_looked_up_are_told_once_and_looked_up_again(venue: BinanceVenue) -> None:
    venue.floor.faults.status, venue.floor.faults.status_of = 451, "/api/v3/exchangeInfo"

    async def scenario(desk: Live) -> None:
        await desk.until(lambda: sum("exchangeInfo" in read for read in venue.floor.reads) > 1)
        venue.floor.faults.status = 200
        await moves_on(desk, venue.floor)

    told = "the symbols can't be looked up: /api/v3/exchangeInfo: the venue answered 451"
    assert live(venue, scenario).alerts == [told]
