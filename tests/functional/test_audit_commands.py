"""`touchline audit`: what was done, and whether that record is the one that a backup signed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine.bootstrap import simulated_engine
from engine.clock import SystemClock
from engine.config import MetricsSettings, Settings
from engine.folders import standard_folders
from engine.ids import OrderIds
from engine.messages.commands import SetTradingState, TradingState
from engine.pace import Pace
from terminal.__main__ import main
from tests.waiting import wait_until

KEYS = ("--key-file", "touchline.keys")


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the audit log of a home, in which nothing happened yet."""
    monkeypatch.setenv("TOUCHLINE_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    return standard_folders().data / "audit.log"


def halts(log: Path) -> None:
    """Let somebody halt at a desk that runs, and leave."""
    settings = Settings(metrics=MetricsSettings(enabled=False))
    ids = OrderIds(SystemClock().now_ns())
    engine = simulated_engine(settings, standard_folders(), seed=1, pace=Pace(), ids=ids)
    engine.start()
    engine.submit(SetTradingState(TradingState.HALTED, "bad fills", None))
    engine.submit(SetTradingState(TradingState.ACTIVE, "well again", None, origin="shell"))
    wait_until(lambda: log.exists() and log.read_bytes().count(b"\n") == 2)
    engine.stop()


def test_a_log_is_shown_signed_by_a_backup_and_found_broken(
    log: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def said(*arguments: str, code: int = 0) -> str:
        assert main([*arguments, *KEYS]) == code
        told = capsys.readouterr()
        assert not told.err
        return told.out

    assert "has no entry yet" in said("audit", "verify")
    assert "has no entry yet" in said("audit", "show")
    halts(log)
    shown = said("audit", "show").splitlines()
    assert [line.split("  ")[-1] for line in shown] == [
        "active → halted: bad fills",
        "halted: bad fills → active: well again",
    ]
    assert "(shell)" in shown[1]
    assert len(said("audit", "show", "--last", "1").splitlines()) == 1
    assert json.loads(said("audit", "show", "--json"))[0]["what"] == "trading-state"
    assert "No head is signed yet" in said("audit", "verify")
    assert "The audit log is signed up to entry 2." in said("backup")
    assert "2 entries" in said("audit", "verify")
    assert json.loads(said("audit", "verify", "--json"))["head"]["number"] == 2

    whole = log.read_bytes()
    log.write_bytes(whole.splitlines(keepends=True)[0])
    told = said("audit", "verify", code=1)
    assert told.startswith("The audit log is broken: ")
    assert "was cut off" in told
    assert not json.loads(said("audit", "verify", "--json", code=1))["whole"]
    head = log.parent / "backups" / "audit.head"
    before = head.read_bytes()
    assert main(["backup", *KEYS]) == 2
    assert "was cut off" in capsys.readouterr().err
    assert head.read_bytes() == before
    log.write_bytes(whole)
    said("audit", "verify", "--head", str(head))


def test_half_an_entry_that_a_power_cut_left_is_told_and_takes_nothing_away(
    log: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def said(*arguments: str) -> str:
        assert main([*arguments, *KEYS]) == 0
        return capsys.readouterr().out

    halts(log)
    with log.open("ab") as file:
        file.write(b'{"number":3,"time_ns":17')
    told = said("audit", "verify")
    assert "The audit log is whole: 2 entries" in told
    assert "Behind it are 24 bytes of half an entry, as a crash leaves it" in told
    assert json.loads(said("audit", "verify", "--json"))["torn_bytes"] == 24
    assert len(said("audit", "show").splitlines()) == 2
    assert "The audit log is signed up to entry 2." in said("backup")
    said("drill")
    assert "touchline (engine)    audit-torn" in said("audit", "show")
    assert "Behind it" not in said("audit", "verify")


def test_what_can_not_be_judged_is_a_sentence(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    halts(log)
    assert main(["audit", "verify", "--head", "none", *KEYS]) == 1
    assert "there is no signed head" in capsys.readouterr().out
    assert main(["backup", *KEYS]) == 0
    capsys.readouterr()
    assert main(["audit", "verify", "--key-file", "other.keys"]) == 1
    assert "holds no audit key to judge it by" in capsys.readouterr().out
    for arguments, told in (
        (["show", "--last", "0"], "expected a whole number above 0"),
        (["show", "--config", "none.toml"], "there is no such file"),
    ):
        assert main(["audit", *arguments]) == 2
        assert told in capsys.readouterr().err
