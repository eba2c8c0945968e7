"""Trailing stops behind the bridge: the distance goes out, the place comes back, a refusal is told."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from engine.messages.reports import AcceptReport, FillReport, RejectReport, TrailReport, TriggerReport
from engine.model.order import OrderType
from engine.model.trade import Side
from tests.unit.engine.bridge_bench import BridgeBench, HandBench, VenueProcess
from tests.unit.engine.paper_bench import SYMBOL


@pytest.fixture
def venue() -> Iterator[BridgeBench]:
    process = VenueProcess().start()
    bench = BridgeBench(process.address, process).begin()
    yield bench
    bench.close()
    process.remove()


@pytest.fixture
def by_hand() -> Iterator[HandBench]:
    bench = HandBench().open_gateway()
    bench.begin()
    yield bench
    bench.close()


def test_a_trailing_stop_follows_the_market_tells_where_it_stands_and_fires(venue: BridgeBench) -> None:
    venue.quote(100, 102)
    client_id = venue.send(Side.SELL, 10, type=OrderType.TRAILING, trail=5)
    assert [report.client_id for report in venue.of(AcceptReport)] == [client_id]
    for bid in (103, 101, 110, 106):
        venue.quote(bid, bid + 2)
    assert [report.stop for report in venue.of(TrailReport)] == [95, 98, 105]
    assert not venue.of(TriggerReport)
    venue.quote(104, 106)
    assert [report.client_id for report in venue.of(TriggerReport)] == [client_id]
    (filled,) = venue.of(FillReport)
    assert (filled.fill.price, filled.fill.quantity) == (104, 10)


def test_one_that_buys_follows_the_market_down(venue: BridgeBench) -> None:
    venue.quote(100, 102)
    venue.send(Side.BUY, 10, type=OrderType.TRAILING, trail=5)
    venue.quote(90, 92)
    assert [report.stop for report in venue.of(TrailReport)] == [107, 97]
    venue.quote(95, 97)
    assert venue.of(FillReport)[0].fill.price == 97


def test_the_distance_is_in_the_message_and_what_the_gateway_refuses_is_told(by_hand: HandBench) -> None:
    client_id = by_hand.send(Side.SELL, 10, type=OrderType.TRAILING, trail=5)
    sent = by_hand.gateway.received[-1]
    assert (sent["order_type"], sent["trail"]) == ("trailing", str(by_hand.instrument.price(5)))
    assert "stop" not in sent
    by_hand.answer("rejected", client_id, reason="trailing orders are not taken here")
    assert [report.reason for report in by_hand.of(RejectReport)] == ["trailing orders are not taken here"]


@pytest.mark.parametrize("stop", ["nonsense", "1.23456789", "-1", "1e400"])
def test_a_place_that_can_not_be_read_ends_nothing(by_hand: HandBench, stop: str) -> None:
    client_id = by_hand.send(Side.SELL, 10, type=OrderType.TRAILING, trail=5)
    by_hand.answer("trailed", client_id, symbol=SYMBOL, stop=stop)
    assert not by_hand.of(TrailReport)
    by_hand.answer("trailed", client_id, symbol=SYMBOL, stop=str(by_hand.instrument.price(95)))
    assert [report.stop for report in by_hand.of(TrailReport)] == [95]
