"""What goes wrong at the venue or on the way: afterwards the books are right, nothing came twice, and it was told."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from engine.clock import SystemClock
from engine.messages.views import HealthState
from engine.model.market_state import Trust
from engine.transport import stream as streams
from tests.binance_bench import BTC, ETH, Live, live, venue_with_books
from tests.venues.binance.floor import Floor
from tests.venues.binance.venue import BinanceVenue
from tests.venues.walk import Walk

LOST = "Binance is not connected: "


@pytest.fixture
def venue() -> Iterator[BinanceVenue]:
    with venue_with_books() as each:
        yield each


def trade(floor: Floor, count: int = 1) -> Callable[[], None]:
    def made() -> None:
        for _ in range(count):
            floor.trade(BTC, "buy", "61000.01", "0.01000")

    return made


async def moves_on(desk: Live, floor: Floor) -> None:
    """Check that the market goes on, and that every print came once, in order."""
    walk = Walk(floor, seed=3)
    for _ in range(40):
        await desk.do(walk.step)
    await desk.do(trade(floor))
    await desk.agrees()
    wanted = [each.number for each in floor.books[BTC].prints]
    await desk.until(lambda: desk.printed(BTC) and desk.printed(BTC)[-1] == wanted[-1])
    assert desk.printed(BTC) == wanted
    assert desk.market.states[BTC].trust(SystemClock().now_ns()) is Trust.GOOD
    assert desk.row("venue").state is HealthState.OK


def test_a_killed_connection_comes_back_with_the_prints_that_were_missed_and_none_twice(
    venue: BinanceVenue,
) -> None:
    async def scenario(desk: Live) -> None:
        await desk.agrees()
        await desk.do(trade(venue.floor, 3))
        await desk.until(lambda: len(desk.printed(BTC)) == 3)
        for _ in range(3):
            await desk.do(venue.floor.kill)
            await desk.do(trade(venue.floor, 2))  # nobody hears of it but by asking
            await desk.until(lambda: desk.market.states[BTC].distrust_reason)
            await desk.agrees()
        await moves_on(desk, venue.floor)

    desk = live(venue, scenario)
    assert desk.market.counters.trades == len(desk.printed(BTC)) + len(desk.printed(ETH))
    assert desk.source.connects == 4
    assert len([text for text in desk.alerts if text.startswith(LOST)]) == 3
    assert desk.alerts.count("Binance is connected again") == 3
    assert desk.changes == []


def test_a_connection_that_is_open_and_mute_is_given_up_and_told(venue: BinanceVenue) -> None:
    async def scenario(desk: Live) -> None:
        await desk.agrees()
        venue.floor.faults.mute = True
        await desk.until(lambda: desk.alerts)
        assert desk.market.states[BTC].trust(SystemClock().now_ns()) is Trust.DISTRUSTED
        venue.floor.faults.mute = False
        await moves_on(desk, venue.floor)

    desk = live(venue, scenario, silence_s=3)
    assert desk.alerts[0] == f"{LOST}connected, but nothing came for 3 s"


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


def test_a_frame_of_ten_megabytes_ends_the_connection_and_not_the_desk(venue: BinanceVenue) -> None:
    async def scenario(desk: Live) -> None:
        await desk.agrees()
        await desk.do(lambda: venue.floor.say('{"stream":"' + "x" * 10_000_000 + '"}'))
        await desk.until(lambda: desk.source.connects == 2)
        await moves_on(desk, venue.floor)

    assert "too big" in live(venue, scenario).alerts[0]


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
        faults.status, faults.retry_after, faults.skip = status, "3", 1
        await desk.do(lambda: venue.floor.change(BTC, bids=[("61000.00", "1.00000")]))
        await desk.do(lambda: venue.floor.change(BTC, bids=[("61000.00", "2.00000")]))
        await desk.until(lambda: desk.changes == ["open", "open"])
        reads = len(venue.floor.reads)
        for operation in ("data", "history"):
            assert desk.row(f"route_{operation}").state is HealthState.DOWN
            assert f"answered {status}" in desk.row(f"route_{operation}").detail
        patience_s = [each.retry_after_s for each in desk.source.circuits]
        assert all(0 < each <= 3 for each in patience_s)
        assert desk.row("venue").state is HealthState.OK  # the streams go on
        await desk.until(lambda: desk.source.circuits[0].retry_after_s < 1.5)
        assert len(venue.floor.reads) == reads  # although the book waits for its snapshot
        assert not desk.market.books[BTC].synced
        faults.status = 200
        await moves_on(desk, venue.floor)

    desk = live(venue, scenario)
    assert desk.changes[-1] == "closed"
    assert desk.source.connects == 1


def test_what_would_go_beyond_the_weight_waits_for_the_next_minute(venue: BinanceVenue) -> None:
    desk = live(venue, Live.agrees)
    weights = desk.source.api.weights
    weights.note({"x-mbx-used-weight-1m": "4750"})
    assert weights.wait_s(50) == 0.0
    assert 0 < weights.wait_s(51) <= 60
    weights.note({"x-mbx-used-weight-1m": "nonsense"})
    assert weights.used == 4750


def test_a_connection_is_renewed_before_the_venue_ends_it(
    venue: BinanceVenue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "PROVEN_S", 0.0)

    async def scenario(desk: Live) -> None:
        await desk.until(lambda: desk.source.connects == 2)
        await desk.agrees()

    desk = live(venue, scenario, lifetime_s=2.0)
    assert desk.alerts[0] == "Binance's connection is renewed: its 24 hours are almost over"
    assert not [text for text in desk.alerts if text.startswith(LOST)]
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


def test_a_venue_that_refuses_is_left_alone_and_found_again(venue: BinanceVenue) -> None:
    async def scenario(desk: Live) -> None:
        await desk.agrees()
        venue.floor.faults.refuse = True
        await desk.do(venue.floor.kill)
        await desk.until(lambda: desk.row("route_data").state is HealthState.DOWN)
        assert "HTTP 503" in desk.row("route_data").detail
        assert desk.row("venue").state is HealthState.DOWN
        venue.floor.faults.refuse = False
        await moves_on(desk, venue.floor)

    desk = live(venue, scenario)
    assert desk.changes[0] == "open"
    assert desk.changes[-2:] == ["half-open", "closed"]


def test_a_desk_that_begins_while_nobody_listens_gets_its_market_later(venue: BinanceVenue) -> None:
    venue.close()

    async def scenario(desk: Live) -> None:
        await desk.until(lambda: "open" in desk.changes)
        assert desk.market.books == {}
        venue.open()
        await moves_on(desk, venue.floor)

    live(venue, scenario)


def test_symbols_that_can_not_be_looked_up_are_told_once_and_looked_up_again(venue: BinanceVenue) -> None:
    venue.floor.faults.status, venue.floor.faults.status_of = 451, "/api/v3/exchangeInfo"

    async def scenario(desk: Live) -> None:
        await desk.until(lambda: sum("exchangeInfo" in read for read in venue.floor.reads) > 1)
        venue.floor.faults.status = 200
        await moves_on(desk, venue.floor)

    told = "the symbols can't be looked up: /api/v3/exchangeInfo: the venue answered 451"
    assert live(venue, scenario).alerts == [told]


def test_what_comes_late_comes_right(venue: BinanceVenue) -> None:
    async def scenario(desk: Live) -> None:
        venue.floor.faults.late_s = 0.02
        venue.floor.faults.late_snapshot_s = 0.2
        await desk.agrees()
        await moves_on(desk, venue.floor)

    assert live(venue, scenario).market.books[BTC].resyncs == 0
