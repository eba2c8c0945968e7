"""ENVIRONMENT=production is one switch: no debugging, no log beside the log, no simulated market."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.config import Settings, load_settings
from engine.credentials import Credentials
from engine.errors import ConfigError
from engine.folders import Folders
from engine.production import DEBUGGING, LOUD, refuse_debugging, refuse_simulation
from terminal.__main__ import BAD_INPUT, main
from terminal.cli import parse_args
from terminal.shell.headless_markets import Opening, compose


@pytest.mark.parametrize("name", [*DEBUGGING, *LOUD])
def test_what_debugs_or_tells_too_much_is_refused_by_its_name(name: str) -> None:
    around = {"ENVIRONMENT": "production", name: "hidden value"}
    with pytest.raises(ConfigError, match=f"^{name}: ") as refused:
        refuse_debugging(around)
    assert "hidden value" not in str(refused.value)
    refuse_debugging({**around, "ENVIRONMENT": "staging"})
    refuse_debugging({**around, name: ""})


def test_no_settings_are_read_then(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENVIRONMENT", "production")
    monkeypatch.setenv("SSLKEYLOGFILE", "/keys")
    with pytest.raises(ConfigError, match="SSLKEYLOGFILE"):
        load_settings(None)


@pytest.mark.parametrize("line", ["", "demo", "--seed 7"])
def test_the_simulated_market_is_not_for_production(
    line: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("ENVIRONMENT", "production")
    monkeypatch.setenv("TOUCHLINE_HOME", str(tmp_path))
    assert main(line.split()) == BAD_INPUT
    assert "the simulated market is not for production" in capsys.readouterr().err
    monkeypatch.setenv("ENVIRONMENT", "")
    refuse_simulation()


def test_nor_is_it_served_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ENVIRONMENT", "production")
    folders = Folders(*(tmp_path / name for name in ("config", "data", "cache", "logs")))
    opening = Opening(Settings(), folders, Credentials(Settings()), None)
    with pytest.raises(ConfigError, match="the simulated market is not for production"):
        compose(parse_args(["serve"]), opening)
    assert not folders.data.exists()
