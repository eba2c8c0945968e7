"""Faults in an engine that runs: the right row turns red with the right sentence, and green again after its remedy."""

from __future__ import annotations

import errno
import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from msgspec.structs import replace

from engine.bootstrap import live_engine, simulated_engine
from engine.config import CredentialSettings, MetricsSettings, Settings
from engine.credentials import Credentials
from engine.engine import Engine
from engine.folders import Folders
from engine.messages.commands import ApplyRemedy, SetTradingState, TradingState
from engine.messages.health_views import HealthState
from engine.messages.remedies import Remedy
from engine.pace import Pace
from engine.redis_settings import CREDENTIAL as NAME
from engine.security.audit.log import entries_in
from engine.shell.incidents import incidents
from engine.store.disk import FolderFile
from engine.venue_settings import KrakenSettings, VenuesSettings
from terminal.health.causes import chain
from tests.kraken_bench import BTC, venue_with_books
from tests.redis_server import CREDENTIAL, RedisServer, needs_redis
from tests.waiting import wait_until

OK, DEGRADED, DOWN = HealthState.OK, HealthState.DEGRADED, HealthState.DOWN
QUIET = MetricsSettings(enabled=False)


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    return Folders(*(tmp_path / name for name in ("config", "data", "cache", "logs")))


@contextmanager
def running(engine: Engine) -> Iterator[Engine]:
    engine.start()
    try:
        yield engine
    finally:
        engine.stop()


def turns(engine: Engine, name: str, *states: HealthState, says: str = "") -> None:
    """Wait until a row is in one of these states, and says so."""

    def is_so() -> bool:
        row = next((row for row in engine._rooms.health.views if row.name == name), None)
        return row is not None and row.state in states and says in f"{row.value} · {row.detail}"

    wait_until(is_so)


def told(folders: Folders, component: str) -> list[tuple[HealthState, bool]]:
    """Return the incidents of a component that were kept: the worst, and whether it is over in good order."""
    found = incidents(folders, component=component)
    return [
        (each.worst, bool(each.ended_ns) and not each.cut) for several in found.values() for each in several
    ]


def test_a_venue_that_is_killed_is_red_down_to_its_route_and_green_at_once_when_it_is_dialled(
    folders: Folders,
) -> None:
    with venue_with_books() as venue:
        kraken = KrakenSettings(venue.stream_url, venue.rest_url, 10)
        settings = Settings(metrics=QUIET, venues=VenuesSettings(kraken))
        with running(live_engine(settings, folders, "kraken", [BTC])) as engine:
            turns(engine, "venue", OK, says="connected")
            engine.submit(ApplyRemedy("venue", Remedy.RECONNECT, origin="health page"))
            wait_until(lambda: engine._rooms.venues[0].connects == 2)
            turns(engine, "venue", OK, says="connected")
            venue.close()
            turns(engine, "venue", DOWN, says="not connected")
            turns(engine, "route_data", DOWN, says="asked once in")
            turns(engine, "trust", DEGRADED)
            links = chain("trust", engine._rooms.health.views)
            assert [each.name for each in links] == ["trust", "venue", "route_data"]
            venue.open()
            engine.submit(ApplyRemedy("route_data", Remedy.PROBE, origin="health page"))
            turns(engine, "venue", OK, says="connected")
            turns(engine, "route_data", OK, says="closed")
    assert told(folders, "venue") == [(DOWN, True)]
    acts = [entry for entry in entries_in(folders.data / "audit.log") if entry.what == "remedy"]
    assert [(act.subject, act.after) for act in acts] == [
        ("PAPER-1 venue", "reconnect: kraken: connects anew"),
        (
            "PAPER-1 route_data",
            "probe: kraken data: the next question goes out at once, and its answer decides",
        ),
    ]


@needs_redis
def test_a_redis_that_is_killed_is_red_and_found_again_by_itself(tmp_path: Path, folders: Folders) -> None:
    with RedisServer(tmp_path / "r") as server:
        keys = CredentialSettings(key_file=str(tmp_path / "keys"))
        shared = replace(server.settings, desk="tower", timeout_ms=500)
        settings = Settings(metrics=QUIET, credentials=keys, redis=shared)
        kept = Credentials(settings)
        kept.keep(NAME, CREDENTIAL)
        engine = simulated_engine(settings, folders, seed=1, pace=Pace(), credentials=kept)
        with running(engine):
            turns(engine, "desks", OK, says="1 here")
            server.kill()
            turns(engine, "desks", DEGRADED, DOWN)
            server.start()
            turns(engine, "desks", OK, says="1 here")
    assert told(folders, "desks")[-1][1]


def test_a_port_that_is_taken_is_told_and_had_once_it_is_free(folders: Folders) -> None:
    taken = socket.create_server(("127.0.0.1", 0))
    port = taken.getsockname()[1]
    settings = Settings(metrics=MetricsSettings(port=port))
    with closing(taken), running(simulated_engine(settings, folders, seed=1, pace=Pace())) as engine:
        turns(engine, "exporter", DEGRADED, says=f"metrics at 127.0.0.1:{port}: ")
        taken.close()
        engine.submit(ApplyRemedy("exporter", Remedy.RECONNECT))
        turns(engine, "exporter", OK, says=f"127.0.0.1:{port}")


def test_a_disk_that_is_full_is_red_and_green_once_there_is_room(
    folders: Folders, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running(simulated_engine(Settings(metrics=QUIET), folders, seed=1, pace=Pace())) as engine:
        turns(engine, "journal", OK)
        write_at = FolderFile.write_at

        def full(file: FolderFile, offset: int, data: bytes | bytearray) -> int:
            if any(data):
                raise OSError(errno.ENOSPC, "No space left on device")
            return write_at(file, offset, data)

        monkeypatch.setattr(FolderFile, "write_at", full)
        engine.submit(SetTradingState(TradingState.HALTED, "drill"))
        turns(engine, "journal", DOWN, says="No space left on device")
        monkeypatch.setattr(FolderFile, "write_at", write_at)
        turns(engine, "journal", OK)
        wait_until(lambda: told(folders, "journal") == [(DOWN, True)])


def test_a_clock_that_is_off_is_red_on_its_own_row(folders: Folders) -> None:
    with venue_with_books() as venue:
        venue.floor.faults.skew_s = 5.0
        kraken = KrakenSettings(venue.stream_url, venue.rest_url, 10)
        settings = Settings(metrics=QUIET, venues=VenuesSettings(kraken))
        with running(live_engine(settings, folders, "kraken", [BTC])) as engine:
            turns(engine, "venue_clock", DOWN, says="+5,0")
            turns(engine, "venue", OK)
