"""A desk in trouble: no Redis, an old backup, an exporter's port that is taken, a limit nearly used up, a broker who says otherwise."""

from __future__ import annotations

import asyncio
import os
import socket
from pathlib import Path

from engine.adapters.paper.broker import PaperBroker
from engine.config import CredentialSettings, MetricsSettings, Settings
from engine.credentials import Credentials
from engine.engine import Engine
from engine.model.instrument import Symbol
from engine.ports.secrets import Credential
from engine.settings.redis import CREDENTIAL, RedisSettings
from terminal.picture import trade
from terminal.screens.health_page import HealthPage
from tests.gallery.calm import sign_in
from tests.gallery.studio import MIDDLE, SETTLED_S, Sitting, Studio

NOBODY = "tcp:127.0.0.1:1"
"""Where no Redis listens."""
LIMITS = "[account]\ngross_max_ratio = 0.5\n"
NVDA = Symbol("NVDA")
LOW = (140, 32)
WINDOW_S = 65.0
"""Over which figures of the last minute forget the start."""
MORE = 20
"""What the broker has more of it than we."""


def settings(root: Path) -> Settings:
    """Return settings that share a Redis which is not there, and a port that another program has."""
    credentials = CredentialSettings(key_file=str(root / "keys"))
    Credentials(Settings(credentials=credentials)).keep(
        CREDENTIAL, Credential("desk", "as good as any other")
    )
    return Settings(
        credentials=credentials,
        metrics=MetricsSettings(port=_taken.getsockname()[1]),
        redis=RedisSettings(address=NOBODY, desk="desk-1", lost="go-on"),
    )


_taken = socket.create_server(("127.0.0.1", 0))


def spoil(root: Path, engine: Engine) -> None:
    """Leave a backup that was finished long ago, and limits that are small; somebody signed in who answers alerts."""
    sign_in(root, engine)
    backups = root / "data" / "backups" / Path(engine._rooms.journal.disk.where).name
    backups.mkdir(parents=True)
    (backups / "long-ago.manifest").touch()
    os.utime(backups / "long-ago.manifest", (0, 0))
    (root / "config").mkdir(exist_ok=True)
    (root / "config" / "limits.toml").write_text(LIMITS, encoding="utf-8")


async def play(studio: Studio) -> None:
    """Trade, let the broker differ, then go from the board of breaks to the pages for who is on call."""
    await trade(studio.app)
    differ(studio)
    await studio.press("R", "t")
    await studio.sees("at the broker")
    studio.take("breaks", "The board of differences between our book and the broker's")
    await studio.press("escape")
    await asyncio.sleep(WINDOW_S)
    await studio.sits_at(LOW)
    await studio.press("C")
    await studio.sees("need attention")
    await go_to(studio, "redis")
    studio.take("health", "The health page: every component, what is wrong first")
    await studio.press("t")
    await studio.sees("goes on")
    studio.take("incidents", "The timeline of incidents")
    await studio.press("t", "enter")
    await studio.sits_at(MIDDLE)
    await studio.sees("What still works")
    studio.take("component", "The page of one component: what was wrong, and its runbook")
    await studio.press("escape", "escape", "A")
    await studio.sees("unanswered")
    await studio.press("j", "a")
    await studio.sees("acknowledged")
    studio.take("alerts", "The page of alerts, one of them acknowledged")


def differ(studio: Studio) -> None:
    """Let the paper venue hold more of a symbol than we know of."""
    broker = studio.engine._rooms.broker
    assert isinstance(broker, PaperBroker)
    studio.engine._thread.call(broker.hold, NVDA, broker.position_of(NVDA) + MORE)


async def go_to(studio: Studio, component: str) -> None:
    """Go down the health page."""
    page = studio.app.screen
    assert isinstance(page, HealthPage)
    while page.components.cursor != component:
        await studio.press("j")
    await asyncio.sleep(SETTLED_S)


TROUBLE = Sitting(("breaks", "health", "incidents", "component", "alerts"), play, settings, spoil)
