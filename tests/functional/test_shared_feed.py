"""Two desks in two processes on one real Redis: one is killed, and the other does not trade on what it said."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec import structs

from engine.config import FailoverSettings
from engine.model.market_state import Trust
from tests.kraken_bench import BTC, ETH, venue_with_books
from tests.redis_server import RedisServer, needs_redis
from tests.sharing_bench import FROM_TOWER, Desk, running, settings_for, wait_for
from tests.sharing_process import SharingProcess
from tests.venues.kraken.venue import KrakenVenue
from tests.waiting import wait_until

pytestmark = needs_redis


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RedisServer]:
    with RedisServer(tmp_path / "r") as one:
        yield one


@pytest.fixture
def venue() -> Iterator[KrakenVenue]:
    with venue_with_books() as each:
        yield each


def test_a_desk_that_is_killed_gives_way_to_a_venue_and_comes_back(
    tmp_path: Path, server: RedisServer, venue: KrakenVenue
) -> None:
    settings = settings_for(tmp_path, server, "bridge", venue=venue, silence_s=2.0)
    market = structs.replace(settings.market, failover=FailoverSettings(back_after_s=0.5))
    with SharingProcess(tmp_path, server, venue) as tower:
        bridge = Desk(tmp_path, structs.replace(settings, market=market), FROM_TOWER, kraken=[BTC, ETH])
        with running(bridge):
            wait_for(bridge, Trust.GOOD, BTC, ETH)
            speaks = bridge.state()
            assert speaks is not None
            assert speaks.source == FROM_TOWER
            tower.kill()
            wait_until(lambda: speaks.source == "kraken")
            wait_for(bridge, Trust.GOOD, BTC)
            bridge.hears("BTC/USD comes from kraken now; desk:tower: desk:tower is not connected: ")
            bridge.hears("the desk tower is not connected: tower has said nothing for 2 s")
            with SharingProcess(tmp_path, server, venue):
                wait_until(lambda: speaks.source == FROM_TOWER)
                wait_for(bridge, Trust.GOOD, BTC, ETH)
