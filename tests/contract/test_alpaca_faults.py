"""What goes wrong at Alpaca or on the way to its data: it is told, nothing else stops, and the market comes back."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from engine.adapters.live import source as live_source
from engine.clock import SystemClock
from engine.market.bars import MINUTE_NS
from engine.messages.views import HealthState
from engine.model.market_state import Trust
from engine.ports.venue import VenueReading
from tests.alpaca_bench import AAPL
from tests.contract.local_sources import CUT_SHORT
from tests.contract.test_alpaca_source import Desk, live
from tests.venues.alpaca.faults import RestFault
from tests.venues.alpaca.refusal import BROKEN, TOO_MANY, Refusal
from tests.venues.alpaca.venue import AlpacaVenue
from tests.waiting import until

TOO_LARGE = 10_000_000


@pytest.fixture
def venue() -> Iterator[AlpacaVenue]:
    with AlpacaVenue() as each:
        yield each


def row(desk: Desk, name: str) -> VenueReading:
    """Return a row of the health board."""
    return next(each for each in desk.source.rows() if each.name == name).read()


async def quotes(desk: Desk, bid: str, ask: str) -> None:
    """Go on until everything is subscribed and a new quote is believed."""
    await desk.listens()
    await desk.do(lambda: desk.venue.floor.quote("AAPL", bid, ask))
    await desk.shows(bid, ask)
    assert desk.market.states[AAPL].trust(SystemClock().now_ns()) is Trust.GOOD


@pytest.mark.parametrize("how", ["too large", "cut short", "half open"])
def test_a_connection_that_breaks_is_begun_anew_and_the_market_comes_back(
    how: str, venue: AlpacaVenue
) -> None:
    floor = venue.floor
    floor.connections_max = 0  # else one that is half open would be the key's only one, there alone

    def cut() -> None:
        for session in floor.data_sessions:
            session.connection.transport.write(CUT_SHORT)
            session.connection.transport.close()

    breaks: dict[str, Callable[[], object]] = {
        "too large": lambda: floor.say('[{"T":"' + "x" * TOO_LARGE + '"}]', "data"),
        "cut short": cut,
        "half open": lambda: floor.half_open("data"),
    }

    async def scenario(desk: Desk) -> None:
        await quotes(desk, "189.98", "190.02")
        await desk.do(breaks[how])
        await until(lambda: desk.source.connects == 2)
        await quotes(desk, "190.98", "191.02")

    desk = live(venue, scenario, symbols=(AAPL,), silence_s=3.0)
    assert desk.alerts[0].startswith("Alpaca is not connected: ")
    assert desk.alerts[-1] == "Alpaca is connected again"
    assert desk.market.counters.malformed == {}


@pytest.mark.parametrize("url", ["wss://no-such-host.invalid", "wss://127.0.0.1:{port}"], ids=["DNS", "TLS"])
def test_a_stream_that_can_not_be_dialled_is_told_and_the_desk_lives(url: str, venue: AlpacaVenue) -> None:
    async def scenario(desk: Desk) -> None:
        await until(lambda: row(desk, "route_data").state is HealthState.DOWN)
        assert (row(desk, "venue").state, row(desk, "venue").value) == (HealthState.DOWN, "not connected")
        assert row(desk, "venue").detail in row(desk, "route_data").detail

    live(venue, scenario, symbols=(AAPL,), stream_url=url.format(port=venue.stream_port))


@pytest.mark.parametrize("status", [429, 503])
def test_a_storm_of_refused_handshakes_opens_the_circuit_and_ends_with_it(
    status: int, venue: AlpacaVenue
) -> None:
    async def scenario(desk: Desk) -> None:
        await quotes(desk, "189.98", "190.02")
        venue.floor.faults.refuse_streams = status
        await desk.do(lambda: venue.floor.drop("data"))
        await until(lambda: row(desk, "route_data").state is HealthState.DOWN)
        assert f"HTTP {status}" in row(desk, "route_data").detail
        venue.floor.faults.refuse_streams = 0
        await quotes(desk, "190.98", "191.02")

    live(venue, scenario, symbols=(AAPL,))


@pytest.mark.parametrize("error", [BROKEN, TOO_MANY], ids=["5xx", "429"])
def test_a_storm_of_reads_that_fail_leaves_the_stream_alone(error: Refusal, venue: AlpacaVenue) -> None:
    fault = RestFault("error", "GET", "/v2/stocks/bars", times=99, error=error)
    venue.do(lambda: venue.floor.faults.rest.append(fault))

    async def scenario(desk: Desk) -> None:
        await until(lambda: row(desk, "route_history").state is HealthState.DOWN)
        await quotes(desk, "189.98", "190.02")
        assert row(desk, "route_data").state is HealthState.OK

    assert any(
        each.startswith("no history of AAPL") for each in live(venue, scenario, symbols=(AAPL,)).alerts
    )


def test_history_that_comes_late_fills_in_what_is_missing(
    venue: AlpacaVenue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_source, "AGAIN_S", 0.05)
    faults = venue.floor.faults.rest
    venue.do(lambda: faults.append(RestFault("error", "GET", "/v2/stocks/bars", times=99, error=BROKEN)))

    async def scenario(desk: Desk) -> None:
        await quotes(desk, "189.98", "190.02")
        minutes = desk.market.bars.series(AAPL, MINUTE_NS)
        assert not minutes.closed
        await desk.do(faults.clear)
        await until(lambda: len(minutes.closed) > 300)
        minute = minutes.last(1)[0].start_ns
        assert [bar.start_ns for bar in minutes.closed] == sorted({bar.start_ns for bar in minutes.closed})
        assert minutes.closed[-1].start_ns <= minute
        assert desk.market.bars.series(AAPL, 5 * MINUTE_NS).closed

    alerts = live(venue, scenario, symbols=(AAPL,)).alerts
    assert [each for each in alerts if "history of AAPL" in each][1:] == [
        "the history of AAPL came after all"
    ]


@pytest.mark.parametrize("skew_s", [-10.0, 10.0])
def test_a_clock_that_is_ten_seconds_off_is_told_and_the_market_is_there(
    skew_s: float, venue: AlpacaVenue
) -> None:
    venue.floor.faults.skew_s = skew_s

    async def scenario(desk: Desk) -> None:
        await desk.listens()
        await desk.do(lambda: venue.floor.quote("AAPL", "189.98", "190.02"))
        await desk.shows("189.98", "190.02")
        await until(lambda: row(desk, "venue_clock").state is HealthState.DOWN)
        assert abs((desk.source.skew_ns or 0) / 1e9 - skew_s) < 1

    live(venue, scenario, symbols=(AAPL,))
