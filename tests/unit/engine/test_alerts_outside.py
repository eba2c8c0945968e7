"""A real engine tells a real webhook what is wrong, and its thread tells when the engine stands still."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.alerts import messenger as messenger_module
from engine.bootstrap import simulated_engine
from engine.config import CredentialSettings, MetricsSettings, Settings
from engine.credentials import Credentials
from engine.engine import Engine
from engine.errors import ConfigError
from engine.folders import Folders
from engine.messages.views import HealthState
from engine.pace import Pace
from engine.ports.secrets import Credential
from engine.settings.alerts import CREDENTIAL, AlertSettings
from tests.unit.engine.hook_server import SECRET, HookServer
from tests.waiting import wait_until

RICH = '[rule.rich]\nmetric = "touchline_equity"\nabove = 1\ntext = "equity is {value}"\n'


@pytest.fixture
def hooks() -> Iterator[HookServer]:
    with HookServer() as server:
        yield server


def settings_of(root: Path, hooks: HookServer) -> Settings:
    return Settings(
        credentials=CredentialSettings(key_file=str(root / "keys")),
        metrics=MetricsSettings(enabled=False),
        alerts=AlertSettings(webhook_url=hooks.url),
    )


def engine_of(root: Path, hooks: HookServer) -> Engine:
    folders = Folders(root / "config", root / "data", root / "cache", root / "logs")
    folders.config.mkdir(exist_ok=True)
    folders.alert_rules.write_text(RICH, encoding="utf-8")
    return simulated_engine(settings_of(root, hooks), folders, seed=1, pace=Pace())


def test_what_is_wrong_is_posted_and_a_loop_that_stands_still_too(
    tmp_path: Path, hooks: HookServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    Credentials(settings_of(tmp_path, hooks)).keep(CREDENTIAL, Credential("webhook", SECRET))
    engine = engine_of(tmp_path, hooks)
    goes_on = threading.Event()

    def stands_still() -> None:
        goes_on.wait(30)

    engine.start()
    try:
        wait_until(lambda: any(each["alert"]["cause"] == "rich" for each in hooks.taken))
        told = next(each for each in hooks.taken if each["alert"]["cause"] == "rich")
        assert (told["text"], told["account"], told["mode"]) == (
            f"alert {told['alert']['number']}: equity is 1,000,000",
            "PAPER-1",
            "sim",
        )
        wait_until(lambda: engine._rooms.health.readings()["alert_webhook"].state is HealthState.OK)
        monkeypatch.setattr(messenger_module, "SILENT_S", 1.5)
        engine._thread.call(stands_still)
        wait_until(lambda: "dead-man" in hooks.kinds)
        goes_on.set()
        wait_until(lambda: "alive" in hooks.kinds)
    finally:
        goes_on.set()
        engine.stop()
    assert not hooks.forged


def test_a_desk_whose_webhooks_could_not_be_signed_does_not_begin(tmp_path: Path, hooks: HookServer) -> None:
    with pytest.raises(ConfigError, match="touchline alerts secret makes one"):
        engine_of(tmp_path, hooks)
