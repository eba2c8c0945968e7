"""One desk's quotes at another over a real Redis: equal to the last unit, as old as they are, and never better than they are."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.bootstrap import simulated_engine
from engine.errors import ConfigError
from engine.folders import Folders
from engine.messages.commands import UnwatchSymbol, WatchSymbol
from engine.model.instrument import Symbol
from engine.model.market_state import Trust
from engine.pace import Pace
from tests.kraken_bench import BTC, ETH, venue_with_books
from tests.redis_server import RedisServer, needs_redis
from tests.sharing_bench import FROM_TOWER, Desk, agree, running, settings_for, touch, wait_for
from tests.venues.kraken.venue import KrakenVenue
from tests.venues.walk import Walk
from tests.waiting import wait_until

pytestmark = needs_redis
DOGE = Symbol("DOGE/EUR")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    with RedisServer(tmp_path_factory.mktemp("redis") / "r") as one:
        yield one


@pytest.fixture
def venue(server: RedisServer) -> Iterator[KrakenVenue]:
    with server.own() as own:
        own.flushall()
    with venue_with_books() as each:
        yield each


@pytest.fixture
def tower(tmp_path: Path, server: RedisServer, venue: KrakenVenue) -> Iterator[Desk]:
    """A desk on the venue that shares what it has."""
    settings = settings_for(tmp_path, server, "tower", venue=venue, shares=True, timeout_ms=300)
    with running(Desk(tmp_path, settings, "kraken")) as desk:
        wait_for(desk, Trust.GOOD, BTC, ETH)
        yield desk


def walks(venue: KrakenVenue, seed: int, steps: int = 100) -> None:
    step = Walk(venue.floor, seed).step
    for _ in range(steps):
        venue.do(step)


def ids(desk: Desk) -> list[int]:
    return [trade.trade_id for trade in desk.rooms.market.tape[BTC]]


def test_quotes_and_prints_are_those_of_the_other_desk_to_the_last_unit(
    tmp_path: Path, server: RedisServer, venue: KrakenVenue, tower: Desk
) -> None:
    with running(Desk(tmp_path, settings_for(tmp_path, server, "bridge"), FROM_TOWER)) as bridge:
        wait_for(bridge, Trust.GOOD, BTC, ETH)
        for seed in range(3):
            walks(venue, seed)
            agree(tower, bridge, BTC, ETH)
        wait_until(lambda: ids(bridge)[-1:] == ids(tower)[-1:])
        mine, theirs = bridge.state(), tower.state()
        assert mine is not None
        assert theirs is not None
        assert mine.instrument == theirs.instrument
        assert (mine.source, mine.last, mine.last_size) == ("desk:tower", theirs.last, theirs.last_size)
        assert ids(bridge) == ids(tower)[-len(ids(bridge)) :]
        assert bridge.rooms.market.counters.refused.total() == 0
        for desk, row, told in (
            (bridge, "venue", "ok: connected"),
            (bridge, "shared_feed", "ok: by kraken; gaps 0 · "),
            (tower, "shared_quotes", "ok: 2 symbols; "),
        ):
            wait_until(lambda desk=desk, row=row, told=told: desk.row(row).startswith(told))  # type: ignore[misc]  # mypy infers no type for its defaults
        assert tower.samples("touchline_shared_entries_total") > 0
        assert bridge.samples("touchline_shared_feed_gaps_total") == 0
        with pytest.raises(ConfigError, match="the desk tower has no pair BTC/EUR; it has BTC/USD"):
            Desk(tmp_path, settings_for(tmp_path, server, "cellar"), FROM_TOWER, [Symbol("BTC/EUR")])


def test_what_one_desk_doubts_or_drops_or_takes_up_the_other_does_too(
    tmp_path: Path, server: RedisServer, venue: KrakenVenue, tower: Desk
) -> None:
    bridge = Desk(tmp_path, settings_for(tmp_path, server, "bridge"), FROM_TOWER)
    with running(bridge):
        wait_for(bridge, Trust.GOOD, BTC, ETH)
        venue.close()
        wait_for(bridge, Trust.DISTRUSTED, BTC, ETH)
        assert bridge.reason().startswith("the desk tower: kraken is not connected: ")
        venue.open()
        wait_for(bridge, Trust.GOOD, BTC, ETH)

        tower.engine.submit(WatchSymbol(str(DOGE)))
        wait_until(lambda: DOGE in bridge.source.sequel.terms)
        bridge.engine.submit(WatchSymbol("doge/eur"))
        wait_for(bridge, Trust.GOOD, DOGE)
        agree(tower, bridge, DOGE)
        tower.engine.submit(UnwatchSymbol(DOGE))
        wait_for(bridge, Trust.DISTRUSTED, DOGE)
        assert bridge.reason(DOGE) == "the desk tower follows it no more"

        tower.engine.stop()
        wait_for(bridge, Trust.DISTRUSTED, BTC, ETH)
        bridge.hears("the desk tower is not connected: it was closed")


def test_redis_that_hangs_or_dies_costs_the_sharing_desk_nothing_and_the_other_its_trust(
    tmp_path: Path, server: RedisServer, venue: KrakenVenue, tower: Desk
) -> None:
    settings = settings_for(tmp_path, server, "bridge", silence_s=2.0, timeout_ms=300)
    with running(Desk(tmp_path, settings, FROM_TOWER)) as bridge:
        wait_for(bridge, Trust.GOOD, BTC, ETH)
        with server.held():
            wait_for(bridge, Trust.DISTRUSTED, BTC, ETH)
            wait_until(lambda: tower.row("shared_quotes").startswith("d"))
            before = touch(tower.state())
            walks(venue, 1)
            wait_until(lambda: touch(tower.state()) != before)
            assert tower.trusts() is Trust.GOOD
        wait_for(bridge, Trust.GOOD, BTC, ETH)
        agree(tower, bridge, BTC, ETH)

        server.kill()
        wait_until(lambda: not bridge.source.stream.is_open)
        bridge.hears("the desk tower is not connected: redis")
        walks(venue, 2)
        server.start()
        wait_for(bridge, Trust.GOOD, BTC, ETH)
        agree(tower, bridge, BTC, ETH)
        bridge.hears("the desk tower is connected again")
        wait_until(lambda: tower.row("shared_quotes").startswith("ok"))


@pytest.mark.usefixtures("tower")
def test_what_a_desk_has_from_another_desk_is_not_passed_on(tmp_path: Path, server: RedisServer) -> None:
    settings = settings_for(tmp_path, server, "bridge", shares=True)
    with running(Desk(tmp_path, settings, FROM_TOWER)) as bridge:
        wait_for(bridge, Trust.GOOD, BTC, ETH)
        cellar = Desk(tmp_path, settings_for(tmp_path, server, "cellar"), "desk:bridge")
        with running(cellar):
            wait_until(lambda: cellar.source.stream.is_open and BTC in cellar.source._known)
            wait_until(lambda: cellar.state() is not None)
            cellar.hears("it has it from another desk itself, and passes none of that on")
            assert cellar.trusts() is Trust.NONE


def test_a_simulated_market_is_not_shared(tmp_path: Path, server: RedisServer) -> None:
    settings = settings_for(tmp_path, server, "tower", shares=True)
    folders = Folders(*(tmp_path / part for part in ("config", "data", "cache", "logs")))
    engine = simulated_engine(settings, folders, seed=1, pace=Pace(speed=1.0))
    assert engine._rooms.quotes is None
    engine._rooms.health.sample()
    assert engine._rooms.health.reading("shared_quotes").detail == "a simulated market stays at its desk"
    engine._rooms.journal.close()


def test_a_desk_is_not_its_own_source_and_without_a_redis_there_is_none(
    tmp_path: Path, server: RedisServer
) -> None:
    with pytest.raises(ConfigError, match="desk:tower: this desk is called so itself"):
        Desk(tmp_path, settings_for(tmp_path, server, "tower"), FROM_TOWER)
    with pytest.raises(ConfigError, match=r"desk:tower: no Redis is shared here: set redis\.address"):
        Desk(tmp_path, settings_for(tmp_path, None, "bridge"), FROM_TOWER)
    with pytest.raises(ConfigError, match=r"venues\.desk\.silence_s: expected at least 2, .*; found 1"):
        Desk(tmp_path, settings_for(tmp_path, server, "bridge", silence_s=1), FROM_TOWER)
    with pytest.raises(ConfigError, match="say which desk, as in desk:tower"):
        Desk(tmp_path, settings_for(tmp_path, server, "bridge"), "desk")
