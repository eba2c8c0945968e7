"""What goes wrong at the venue or on the way: afterwards the books are right, nothing came twice, and it was told."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from engine.clock import SystemClock
from engine.messages.views import HealthState
from engine.model.market_state import Trust
from tests.kraken_bench import BTC, ETH, Live, live, venue_with_books
from tests.venues.kraken.venue import Floor, KrakenVenue
from tests.venues.walk import Walk


@pytest.fixture
def venue() -> Iterator[KrakenVenue]:
    with venue_with_books() as each:
        yield each


def trade(floor: Floor, count: int = 1) -> Callable[[], None]:
    def made() -> None:
        for _ in range(count):
            floor.trade(BTC, "buy", "61000.1", "0.01000000")

    return made


async def moves_on(desk: Live, floor: Floor) -> None:
    """Check that the market goes on, and that every print came once, in order."""
    walk = Walk(floor, seed=3)
    for _ in range(40):
        await desk.do(walk.step)
    await desk.do(trade(floor))
    await desk.agrees()
    wanted = [each.number for each in floor.prints[BTC]]
    await desk.until(lambda: desk.printed(BTC)[-1] == wanted[-1])
    assert desk.printed(BTC) == sorted(set(desk.printed(BTC)))
    assert set(wanted) <= set(desk.printed(BTC))
    assert desk.market.states[BTC].trust(SystemClock().now_ns()) is Trust.GOOD
    assert desk.row("venue").state is HealthState.OK


def test_a_killed_connection_comes_back_with_the_prints_that_were_missed_and_none_twice(
    venue: KrakenVenue,
) -> None:
    async def scenario(desk: Live) -> None:
        await desk.agrees()
        await desk.do(trade(venue.floor, 3))
        await desk.until(lambda: len(desk.printed(BTC)) == 3)
        for _ in range(3):
            await desk.do(venue.floor.kill)
            await desk.do(trade(venue.floor, 2))  # nobody hears of it but by the snapshot
            await desk.until(lambda: desk.market.states[BTC].distrust_reason)
            await desk.agrees()
        await moves_on(desk, venue.floor)

    desk = live(venue, scenario)
    assert desk.market.counters.trades == len(desk.printed(BTC)) + len(desk.printed(ETH))
    assert desk.source.connects == 4
    lost = [text for text in desk.alerts if text.startswith("Kraken is not connected: ")]
    assert len(lost) == 3
    assert desk.alerts.count("Kraken is connected again") == 3
    assert desk.changes == []


def test_a_connection_that_is_open_and_mute_is_given_up_and_told(venue: KrakenVenue) -> None:
    async def scenario(desk: Live) -> None:
        await desk.agrees()
        venue.floor.faults.mute = True
        await desk.until(lambda: desk.alerts)
        assert desk.market.states[BTC].trust(SystemClock().now_ns()) is Trust.DISTRUSTED
        venue.floor.faults.mute = False
        await moves_on(desk, venue.floor)

    desk = live(venue, scenario, silence_s=3)
    assert desk.alerts[0] == "Kraken is not connected: connected, but nothing came for 3 s"


def test_answers_to_pings_are_no_sign_that_market_data_still_comes() -> None:
    with venue_with_books() as venue:
        venue.floor.heartbeat_s = 3600.0

        async def scenario(desk: Live) -> None:
            await desk.agrees()
            await desk.until(lambda: desk.source.skew_ns is not None)
            await desk.until(lambda: desk.source.connects > 1)

        desk = live(venue, scenario, silence_s=1.5)
    assert desk.alerts[0] == "Kraken is not connected: connected, but nothing came for 1.5 s"


GARBAGE: tuple[str | bytes, ...] = (
    b"\x00\xff\xfe",
    "",
    "{",
    "[]",
    "null",
    "17",
    "[" * 100_000,
    '{"channel":"book"}',
    '{"channel":"weather","data":[]}',
    '{"channel":"book","type":"update","data":[{"symbol":"BTC/USD","bids":[{"price":-1,"qty":1}]}]}',
    '{"channel":"book","type":"update","data":[{"symbol":"BTC/USD","bids":[{"price":1e999999999,"qty":1}]}]}',
    '{"channel":"book","type":"update","data":[{"symbol":"BTC/USD","bids":[{"price":61000.05,"qty":1}]}]}',
    '{"channel":"book","type":"update","data":[{"symbol":"BTC/USD","bids":[{"price":{"a":1},"qty":1}]}]}',
    '{"channel":"book","type":"update","data":[{"symbol":"BTC/USD","checksum":-1}]}',
    '{"channel":"book","type":"update","data":[{"symbol":"\\u001b]52;c;aGk=\\u0007","bids":[]}]}',
    '{"channel":"trade","type":"update","data":[{"symbol":"BTC/USD","side":"buy","price":"é","qty":1}]}',
    '{"channel":"trade","type":"update","data":[{"symbol":"BTC/USD","side":"b","price":1,"qty":1,"trade_id":-4}]}',
    '{"channel":"ticker","type":"update","data":[{"symbol":"BTC/USD","bid":true,"bid_qty":1,"ask":1,"ask_qty":1}]}',
    '{"channel":"instrument","type":"update","data":{"pairs":[{"symbol":"BTC/USD","qty_precision":99}]}}',
)


def test_garbage_is_counted_and_changes_nothing(venue: KrakenVenue) -> None:
    async def scenario(desk: Live) -> None:
        await desk.agrees()
        for frame in GARBAGE:
            await desk.do(lambda frame=frame: venue.floor.say(frame))  # type: ignore[misc]
        await desk.until(lambda: desk.source.unreadable == len(GARBAGE))
        await moves_on(desk, venue.floor)

    desk = live(venue, scenario)
    assert sum(desk.market.counters.malformed.values()) == len(GARBAGE)
    assert desk.source.connects == 1
    assert desk.market.books[BTC].resyncs == 0
    (alert,) = desk.alerts  # the last one names a pair that is wanted
    assert alert.startswith("BTC/USD gets no market data: bad_instrument: ")


def test_a_frame_of_ten_megabytes_ends_the_connection_and_not_the_desk(venue: KrakenVenue) -> None:
    async def scenario(desk: Live) -> None:
        await desk.agrees()
        await desk.do(lambda: venue.floor.say('{"channel":"' + "x" * 10_000_000 + '"}'))
        await desk.until(lambda: desk.source.connects == 2)
        await moves_on(desk, venue.floor)

    desk = live(venue, scenario)
    assert "too big" in desk.alerts[0]


@pytest.mark.parametrize("wrong", [1, 2])
def test_a_wrong_checksum_brings_a_fresh_snapshot(venue: KrakenVenue, wrong: int) -> None:
    async def scenario(desk: Live) -> None:
        await desk.agrees()
        venue.floor.faults.wrong_checksums = wrong  # the second one is that of the fresh snapshot
        await desk.do(lambda: venue.floor.change(BTC, bids=[("61000.0", "0.50000000")]))
        await desk.until(lambda: desk.market.books[BTC].resyncs == wrong)
        await desk.agrees()
        await moves_on(desk, venue.floor)

    desk = live(venue, scenario)
    assert desk.market.counters.refused["sequence"] == wrong
    assert desk.source.connects == 1
    assert desk.source.resyncs == wrong


def test_a_venue_that_refuses_is_left_alone_and_found_again(venue: KrakenVenue) -> None:
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
    assert desk.row("route_data").value == "closed"


def test_a_venue_where_nobody_listens_is_found_again(venue: KrakenVenue) -> None:
    async def scenario(desk: Live) -> None:
        await desk.agrees()
        venue.close()
        await desk.until(lambda: "open" in desk.changes)
        venue.open()
        await moves_on(desk, venue.floor)

    assert live(venue, scenario).changes[-1] == "closed"


def test_a_desk_that_begins_while_nobody_listens_gets_its_market_later(venue: KrakenVenue) -> None:
    venue.close()

    async def scenario(desk: Live) -> None:
        await desk.until(lambda: "open" in desk.changes)
        assert desk.market.books == {}
        venue.open()
        await moves_on(desk, venue.floor)

    live(venue, scenario)


def test_what_comes_late_comes_right(venue: KrakenVenue) -> None:
    async def scenario(desk: Live) -> None:
        venue.floor.faults.late_s = 0.02
        await desk.agrees()
        await moves_on(desk, venue.floor)

    assert live(venue, scenario).market.books[BTC].resyncs == 0
