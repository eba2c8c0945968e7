"""Faults of what desks share: a Redis that is gone, and one that answers nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from msgspec.structs import replace

from engine.bootstrap import simulated_engine
from engine.config import CredentialSettings, MetricsSettings, Settings
from engine.credentials import Credentials
from engine.pace import Pace
from engine.redis_settings import CREDENTIAL as NAME
from tests.game_day.stage import Fault, Stage
from tests.redis_server import CREDENTIAL, RedisServer


@contextmanager
def _shared(stage: Stage) -> Iterator[RedisServer]:
    with RedisServer(stage.folder / "r") as server:
        keys = CredentialSettings(key_file=str(stage.folder / "keys"))
        shared = replace(server.settings, desk="tower", timeout_ms=500)
        settings = Settings(metrics=MetricsSettings(enabled=False), credentials=keys, redis=shared)
        kept = Credentials(settings)
        kept.keep(NAME, CREDENTIAL)
        engine = simulated_engine(settings, stage.folders, seed=1, pace=Pace(), credentials=kept)
        with stage.running(engine):
            stage.is_well("redis")
            stage.is_well("desks", "1 here")
            yield server


def killed(stage: Stage) -> None:
    """Redis is killed, and started again."""
    with _shared(stage) as server:
        stage.begins()
        server.kill()
        stage.turns_red("redis", "not answering")
        stage.fires("desks")
        stage.remedied("Start it, or wait: it is asked again by itself.")
        server.start()
        stage.turns_green()
        stage.turns_green("desks", "1 here")


def held(stage: Stage) -> None:
    """Redis holds its connections and answers nothing."""
    with _shared(stage) as server:
        with server.held():
            stage.begins()
            stage.turns_red("redis", "not answering")
            stage.fires("desks")
        stage.remedied("Start it, or wait: it is asked again by itself.")
        stage.turns_green()
        stage.turns_green("desks", "1 here")


FAULTS = (
    Fault("redis-killed", "Redis is killed", killed, "redis"),
    Fault("redis-held", "Redis holds its connections and answers nothing", held, "redis", sampled=False),
)
