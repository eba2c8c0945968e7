"""A run of the whole program that a real Prometheus watches: a desk, a model, a gateway and a Redis."""

from __future__ import annotations

import asyncio
import shutil
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from engine.bootstrap import simulated_engine
from engine.config import CredentialSettings, DeskSettings, MetricsSettings, Settings
from engine.credentials import Credentials
from engine.engine import Engine
from engine.errors import ConfigError
from engine.folders import Folders
from engine.gateway.server import GatewayServer
from engine.pace import Pace
from engine.security.operators.roles import Role
from engine.serving import Serving
from engine.settings.gateway import GatewaySettings
from engine.settings.redis import CREDENTIAL as REDIS
from engine.settings.redis import RedisSettings
from engine.settings.signals import ModelsSettings, SignalSettings
from terminal.app import DeskApp
from terminal.picture import enter, trade
from terminal.shell.line_reader import read_order_line
from tests.gallery import drawing
from tests.gallery.evaluation import Drawn, Span, empty, evaluated
from tests.gallery.panels import ROW, panels
from tests.gallery.studio import SEED, WIDE
from tests.prometheus_server import PrometheusServer
from tests.redis_server import CREDENTIAL, SERVER, RedisServer
from tests.serving_bench import NAME, ServingBench
from tests.unit.engine.gateway_bench import GatewayBench, served_home

LASTS_S = 240.0
PORT = 9464
"""The exporter's own: some lines are called by it."""
SPEED = 4.0
ASKED = ("/v1/account", "/v1/positions", "/v1/orders", "/v1/components")
"""What a program asks of the gateway, again and again."""
LINES = ("b 100 NVDA mkt", "s 50 AMD bid", "b 900 GLD bid", "s 100 NVDA mkt", "b 20 LLY ask", "xx")
"""What the desk goes on with; the third is denied."""
PARTS = {
    "dashboard": ("On call", "The dashboard from what is on call to latency"),
    "dashboard-more": ("Journal", "The dashboard from the journal to models"),
}
"""Each picture, the row that it begins with, and what it shows."""


def paint(into: Path, explained: set[str], lasts_s: float = LASTS_S) -> None:
    """Run the program and draw the dashboard.

    Args:
        into: The folder of the pictures.
        explained: The panels of which the page says why they are empty on such a run.
        lasts_s: For how long the program runs.

    Raises:
        ConfigError: a panel is empty and the page does not say why, or a program is missing.
    """
    drawn, span = watched(lasts_s)
    for name, part in parts(drawn).items():
        (into / f"{name}.svg").write_text(drawing.draw(part, span, PARTS[name][1]), encoding="utf-8")
    if unexplained := sorted(set(empty(drawn)) - explained):
        raise ConfigError(f"the gallery does not say why these panels are empty: {', '.join(unexplained)}")


def parts(drawn: list[Drawn]) -> dict[str, list[Drawn]]:
    """Return what each picture shows."""
    ordered = sorted(drawn, key=lambda each: (each.panel.place.y, each.panel.place.x))
    titles = [each.panel.title if each.panel.kind == ROW else "" for each in ordered]
    starts = [titles.index(row) for row, _ in PARTS.values()]
    ends = [*starts[1:], len(ordered)]
    return {name: ordered[start:end] for name, start, end in zip(PARTS, starts, ends, strict=True)}


def watched(lasts_s: float) -> tuple[list[Drawn], Span]:
    """Let a Prometheus watch the program, and return every panel with what its queries answered."""
    check_needs()
    with (
        TemporaryDirectory(prefix="touchline-") as scratch,
        PrometheusServer(Path(scratch) / "prometheus", PORT) as server,
        RedisServer(Path(scratch) / "redis") as redis,
    ):
        begin_s = time.time()
        asyncio.run(use(Path(scratch), redis, lasts_s))
        span = Span(begin_s, time.time())
        return evaluated(server, panels(), span), span


def check_needs() -> None:
    """See that the programs are there, and the exporter's port is free.

    Raises:
        ConfigError: one is not.
    """
    if missing := [name for name in ("prometheus", SERVER) if shutil.which(name) is None]:
        raise ConfigError(f"the dashboard is drawn with the help of {' and '.join(missing)}: install it")
    try:
        socket.create_server(("127.0.0.1", PORT)).close()
    except OSError as error:
        raise ConfigError(f"port {PORT} is taken, which the exporter needs: {error.strerror}") from error


async def use(root: Path, redis: RedisServer, lasts_s: float) -> None:
    """Run a desk with everything that the dashboard looks at; trade, and ask at the gateway, until the time is over."""
    keys = served_home(root)
    settings = settings_of(root, redis)
    folders = Folders(*(root / name for name in ("config", "data", "cache", "logs")))
    engine = simulated_engine(settings, folders, seed=SEED, pace=Pace(speed=SPEED))
    app = DeskApp(engine, DeskSettings(lock_after_min=0), folders)
    async with app.run_test(size=WIDE):
        over_s = time.monotonic() + lasts_s
        await trade(app)  # the engine runs by then: nothing beside it is heard before
        with opened(Serving(settings, folders, read_order_line), engine) as server:
            gateway = GatewayBench(engine._rooms, engine, server, keys)
            for turn in count():
                if time.monotonic() > over_s:
                    break
                await enter(app, LINES[turn % len(LINES)], times=2)
                role = Role.VIEWER if turn % 10 else None
                await asyncio.to_thread(gateway.ask, "GET", ASKED[turn % len(ASKED)], role=role)
                await asyncio.sleep(1)


@contextmanager
def opened(serving: Serving, engine: Engine) -> Iterator[GatewayServer]:
    """Have the gateway of an engine listen, and the exporter serve its metrics."""
    server = serving.gateway(engine)
    server.open()
    engine.add_metrics(serving.metrics(server.parts.counts))
    try:
        yield server
    finally:
        server.close()


def settings_of(root: Path, redis: RedisServer) -> Settings:
    """Return settings with an exporter, a gateway, a model and a Redis."""
    bench = ServingBench(root)
    bench.champion()
    credentials = CredentialSettings(key_file=str(root / "keys.toml"))
    Credentials(Settings(credentials=credentials)).keep(REDIS, CREDENTIAL)
    return Settings(
        credentials=credentials,
        metrics=MetricsSettings(port=PORT),
        gateway=GatewaySettings(listen="127.0.0.1:0"),
        models=ModelsSettings(key_file=str(bench.key_file)),
        signals=(SignalSettings(model=NAME, set="prices-11", interval_s=1, stale_after_bars=5),),
        redis=RedisSettings(address=f"unix:{redis.socket}", desk="desk-1", timeout_ms=2_000),
    )
