"""The way to the gateway: greeted, watched, lost and found again."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from engine.adapters.bridge import way
from engine.messages.reports import AcceptReport, LinkReport, LostReport, StockReport
from engine.model.trade import Side
from tests.unit.engine.bridge_bench import BridgeBench, HandBench, VenueProcess


@pytest.fixture
def bench() -> Iterator[HandBench]:
    bench = HandBench()
    yield bench
    bench.close()


@pytest.fixture
def venue() -> Iterator[VenueProcess]:
    venue = VenueProcess().start()
    yield venue
    venue.remove()


def test_an_open_link_is_reported_with_the_name_of_the_venue(bench: HandBench) -> None:
    bench.open_gateway().gateway.welcome = {
        "type": "welcome",
        "version": 1,
        "account": "LIVE-1",
        "venue": "X\x1b[31m",
    }
    bench.begin_alone()
    report = bench.wait_for_report(LinkReport)
    assert (report.connected, report.reason) == (True, "X[31m")


def test_a_gateway_that_is_not_there_is_tried_until_it_is_and_reported_once(bench: HandBench) -> None:
    bench.begin_alone()
    bench.wait_for_report(LinkReport)
    bench.open_gateway()
    bench.wait_for(lambda: bench.bridge.connected)
    assert bench.links() == [False, True]
    assert str(bench.gateway.address) in bench.of(LinkReport)[0].reason


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"version": 2}, "the gateway speaks version 2, expected 1"),
        ({"account": "OTHER-9"}, "the gateway trades OTHER-9, expected LIVE-1"),
    ],
)
def test_a_gateway_of_another_version_or_account_is_refused(
    bench: HandBench, wrong: dict[str, object], reason: str
) -> None:
    gateway = bench.open_gateway().gateway
    gateway.welcome = {"type": "welcome", "version": 1, "account": "LIVE-1", **wrong}
    bench.begin_alone()
    assert reason in bench.wait_for_report(LinkReport).reason
    bench.wait_for(lambda: gateway.connections >= 2)
    assert bench.links() == [False]
    assert not bench.bridge.connected


def test_a_gateway_that_does_not_welcome_is_left(bench: HandBench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(way, "CONNECT_S", 0.05)
    gateway = bench.open_gateway().gateway
    gateway.welcome = None
    bench.begin_alone()
    bench.wait_for(lambda: gateway.connections >= 2)
    assert "no welcome came" in bench.of(LinkReport)[0].reason


def test_nothing_is_heard_before_the_welcome_and_everything_right_after_it(bench: HandBench) -> None:
    gateway = bench.open_gateway().gateway
    welcome, gateway.welcome = gateway.welcome, None
    assert welcome is not None
    bench.begin_alone()
    bench.wait_for(lambda: gateway.connections == 1)
    early = {"type": "accepted", "client_id": "early", "venue_id": "1"}
    gateway.say(early, welcome, {**early, "client_id": "late"})
    assert bench.wait_for_report(AcceptReport).client_id == "late"
    bench.settle()
    assert len(bench.of(AcceptReport)) == 1


@pytest.mark.parametrize("half_open", [False, True])
def test_a_gateway_that_falls_silent_is_gone_and_its_orders_are_lost(
    bench: HandBench, half_open: bool
) -> None:
    gateway = bench.open_gateway().gateway
    bench.bridge.way.ping_s = 0.02
    bench.begin()
    bench.broker.submit(request := bench.request(Side.BUY, 10, 95))
    gateway.answers_pings = False
    if half_open:
        gateway.stop_reading()
    assert bench.wait_for_report(LostReport).client_id == request.client_id
    link = bench.of(LinkReport)[0]
    assert (link.connected, link.reason) == (False, "the gateway said nothing for 3 pings")


def test_a_gateway_that_speaks_is_there_though_it_answers_no_ping(bench: HandBench) -> None:
    gateway = bench.open_gateway().gateway
    bench.bridge.way.ping_s = 0.02
    bench.begin()
    gateway.answers_pings = False
    for _ in range(10):
        gateway.say({"type": "triggered", "client_id": "one"})
        sent = bench.bridge.counters.sent
        bench.wait_for(lambda sent=sent: bench.bridge.counters.sent > sent)  # type: ignore[misc]
    assert bench.bridge.connected
    assert not bench.links()


def test_the_round_trip_is_measured(bench: HandBench) -> None:
    bench.open_gateway()
    bench.begin()
    bench.settle()
    assert bench.bridge.counters.round_trip_ns > 0


def test_a_venue_that_was_killed_comes_back_with_what_it_had(venue: VenueProcess) -> None:
    bench = BridgeBench(venue.address, venue).begin()
    bench.quote(99, 101)
    resting, filled = bench.send(Side.BUY, 10, 95), bench.send(Side.BUY, 30)
    venue.kill()
    bench.wait_for(lambda: bench.links()[:1] == [False])
    venue.start()
    bench.wait_for(lambda: bench.bridge.connected)
    bench.broker.take_stock(0, 1)
    stock = bench.wait_for_report(StockReport).stock
    assert {order.client_id for order in stock.orders} == {resting, filled}
    assert sum(stock.positions.values()) == 30
    assert stock.complete
    bench.close()


def test_a_second_desk_takes_the_place_of_the_first(venue: VenueProcess) -> None:
    first = BridgeBench(venue.address, venue).begin()
    second = BridgeBench(venue.address, venue).begin()
    first.wait_for(lambda: first.links()[:1] == [False])
    first.close()
    second.wait_for(lambda: second.bridge.connected)
    second.settle()
    second.close()
