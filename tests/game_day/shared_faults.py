"""Faults of what desks share: a Redis that is gone, and one that answers nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from msgspec.structs import replace

from engine.bootstrap import simulated_engine
from engine.config import CredentialSettings, MetricsSettings, Settings
from engine.credentials import Credentials
from engine.pace import Pace
from engine.settings.redis import CREDENTIAL as NAME
from tests.game_day.fault import Fault
from tests.game_day.stage import Stage
from tests.redis_server import CREDENTIAL, PASSWORD, RedisServer


@contextmanager
def shared(stage: Stage) -> Iterator[RedisServer]:
    """Run an engine that shares a Redis with other desks."""
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
    with shared(stage) as server:
        stage.begins()
        server.kill()
        stage.turns_red("redis", "Connection refused")
        stage.fires()
        stage.remedied("Start it, or wait: it is asked again by itself")
        server.start()
        stage.turns_green()
        stage.turns_green("desks", "1 here")


def held(stage: Stage) -> None:
    """Redis holds its connections and answers nothing."""
    with shared(stage) as server:
        with server.held():
            stage.begins()
            stage.turns_red("redis", "gave no answer within 500 ms")
            stage.fires()
        stage.remedied("Start it, or wait: it is asked again by itself")
        stage.turns_green()
        stage.turns_green("desks", "1 here")


def refusing(stage: Stage, *, spoil: tuple[str, ...], mend: tuple[str, ...], says: str, remedy: str) -> None:
    """Redis answers, and takes nothing."""
    with shared(stage) as server, server.own() as own:
        stage.begins()
        own.execute_command(*spoil)  # type: ignore[no-untyped-call]  # redis-py gives it no types
        stage.turns_red("redis", says)
        stage.fires()
        stage.remedied(remedy)
        own.execute_command(*mend)  # type: ignore[no-untyped-call]
        stage.turns_green()
        stage.turns_green("desks", "1 here")


out_of_memory = partial(
    refusing,
    spoil=("CONFIG", "SET", "maxmemory", "1"),
    mend=("CONFIG", "SET", "maxmemory", "0"),
    says="maxmemory",
    remedy="It is out of memory, or refuses to write: `touchline redis check` names the line",
)
read_only = partial(
    refusing,
    spoil=("REPLICAOF", "127.0.0.1", "1"),
    mend=("REPLICAOF", "NO", "ONE"),
    says="read only",
    remedy="It is out of memory, or refuses to write: `touchline redis check` names the line",
)


def wrong_password(stage: Stage) -> None:
    """The password of our user is changed at the server, and who is connected is cut off."""
    with shared(stage) as server, server.own() as own:
        stage.begins()
        own.execute_command("ACL", "SETUSER", "desk", "resetpass", ">another")  # type: ignore[no-untyped-call]
        own.execute_command("CLIENT", "KILL", "USER", "desk")  # type: ignore[no-untyped-call]
        stage.turns_red("redis", "invalid username-password pair")
        stage.fires()
        stage.remedied("The password changed: `touchline redis add` keeps the new one")
        own.execute_command("ACL", "SETUSER", "desk", "resetpass", f">{PASSWORD}")  # type: ignore[no-untyped-call]
        stage.turns_green()
        stage.turns_green("desks", "1 here")


FAULTS = (
    Fault(
        name="redis-killed",
        what="Redis is killed",
        play=killed,
        runbook="redis",
        alert="desks",
        is_shared=True,
    ),
    Fault(
        name="redis-held",
        what="Redis holds its connections and answers nothing",
        play=held,
        runbook="redis",
        alert="desks",
        is_shared=True,
    ),
    Fault(
        name="redis-out-of-memory",
        what="Redis is out of memory, and evicts nothing",
        play=out_of_memory,
        runbook="redis",
        alert="desks",
        is_shared=True,
    ),
    Fault(
        name="redis-read-only",
        what="Redis became a copy that takes nothing",
        play=read_only,
        runbook="redis",
        alert="desks",
        is_shared=True,
    ),
    Fault(
        name="redis-password",
        what="Redis does not know our password any more",
        play=wrong_password,
        runbook="redis",
        alert="desks",
        is_shared=True,
    ),
)
