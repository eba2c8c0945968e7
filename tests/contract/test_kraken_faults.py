"""What goes wrong at the venue or on the way: afterwards the books are right, nothing came twice, and it was told."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest

from engine.adapters.kraken.market_data import KrakenSource
from engine.model.instrument import Symbol
from tests.contract.local_sources import LocalContract
from tests.kraken_bench import BTC, ETH, Live, live, venue_with_books
from tests.venues.kraken.venue import Floor, KrakenVenue


@pytest.fixture
def venue() -> Iterator[KrakenVenue]:
    with venue_with_books() as each:
        yield each


class TestKraken(LocalContract):
    """What every source promises."""

    label, btc, eth, unknown, price = "Kraken", BTC, ETH, Symbol("XBT/USD"), "61000.1"

    def live(self, venue: KrakenVenue, scenario: Callable[[Live], Awaitable[None]], **terms: Any) -> Live:
        return live(venue, scenario, **terms)

    def history_fails(self, floor: Floor) -> str:
        floor.faults.rest_status = 404
        return "/0/public/OHLC: the venue answered 404"

    def prints(self, floor: Floor) -> list[int]:
        return [each.number for each in floor.prints[BTC]]


async def moves_on(desk: Live, floor: Floor) -> None:
    await TestKraken().moves_on(desk, floor)


def test_a_source_that_takes_no_more_symbols_keeps_its_promise_by_saying_so(
    venue: KrakenVenue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(KrakenSource, "follows_more", False)
    monkeypatch.delattr(KrakenSource, "_look_up")
    TestKraken().test_one_more_symbol_is_followed_while_it_runs_and_left_again(venue)


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
