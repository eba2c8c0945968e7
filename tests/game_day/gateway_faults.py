"""Faults of programs that ask over the network: one of them asks without pause."""

from __future__ import annotations

import http.client
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from http import HTTPStatus
from threading import Event, Thread
from typing import Final

from engine.bootstrap import simulated_engine
from engine.config import CredentialSettings, MetricsSettings, Settings
from engine.pace import Pace
from engine.security.operators.roles import Role
from engine.serving import Serving
from engine.settings.gateway import GatewaySettings
from terminal.shell.line_reader import read_order_line
from tests.game_day.fault import Fault
from tests.game_day.stage import Stage
from tests.unit.engine.gateway_bench import GatewayBench, served_home

PAUSE_S: Final = 0.001


@contextmanager
def _served(stage: Stage) -> Iterator[GatewayBench]:
    keys = served_home(stage.folder)
    settings = Settings(
        metrics=MetricsSettings(enabled=False),
        gateway=GatewaySettings(listen="127.0.0.1:0"),
        credentials=CredentialSettings(key_file=str(stage.folder / "keys.toml")),
    )
    serving = Serving(settings, stage.folders, read_order_line)
    with stage.running(simulated_engine(settings, stage.folders, seed=1, pace=Pace())) as engine:
        serving.open(engine)
        try:
            server = serving._server
            assert server is not None
            stage.is_well("gateway", "open")
            yield GatewayBench(engine._rooms, engine, server, keys)
        finally:
            serving.close()


def flooded(stage: Stage) -> None:
    """A program asks for the positions as fast as it is answered, and does not care that it is refused."""
    with _served(stage) as gateway:
        stage.begins()
        with _asking(gateway.port, gateway.token()):
            stage.turns_red("gateway", "asked too often")
            stage.fires()
            flooding = gateway.ask("GET", "/v1/positions", role=Role.TRADER)
            assert flooding.status == HTTPStatus.TOO_MANY_REQUESTS, flooding
            others = gateway.ask("GET", "/v1/positions", role=Role.VIEWER, name="vic")
            assert others.status == HTTPStatus.OK, others
            key = {"Idempotency-Key": "way-out"}
            told = gateway.ask("POST", "/v1/cancel-all", {}, role=Role.TRADER, headers=key)
            assert told.status < HTTPStatus.BAD_REQUEST, told
        stage.remedied("Asked too often: end the program that asks")
        stage.turns_green()


@contextmanager
def _asking(port: int, token: str) -> Iterator[None]:
    over = Event()
    asking = Thread(target=_ask_until, args=(port, token, over.wait), name="flood", daemon=True)
    asking.start()
    try:
        yield
    finally:
        over.set()
        asking.join()


def _ask_until(port: int, token: str, is_over: Callable[[float], bool]) -> None:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=20)) as connection:
        while not is_over(PAUSE_S):
            connection.request("GET", "/v1/positions", headers={"Authorization": f"Bearer {token}"})
            connection.getresponse().read()


FAULTS = (
    Fault(
        name="gateway-flooded",
        what="A program asks without pause, and does not care that it is refused",
        play=flooded,
        runbook="gateway",
        alert="gateway",
        yellow="all others are answered, and the way out is open to it too",
        late="half a quota passes at once, and a hundred requests have to be refused after it",
    ),
)
