"""`touchline retention`, and a desk that removes what has had its time."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from engine.bootstrap import simulated_engine
from engine.config import MetricsSettings, Settings
from engine.folders import standard_folders
from engine.pace import Pace
from terminal.__main__ import main
from tests.waiting import wait_until


def test_the_command_says_what_there_is_and_until_when(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TOUCHLINE_HOME", str(tmp_path))
    replay = tmp_path / "data" / "journal" / "replay-a" / "00000001.tlj"
    replay.parent.mkdir(parents=True)
    replay.write_bytes(b"x" * 1_234_000)
    os.utime(replay, (1_800_000_000, 1_800_000_000))
    assert main(["retention"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split("  ")[0] for line in lines] == [
        "kind", "accounts", "audit log", "operators", "models", "backups", "set aside", "replays", "logs", "cache", "other",
    ]  # fmt: skip
    assert lines[7].split() == [
        "replays", "1", "1.2", "MB", "2027-01-15", "30", "days,", "the", "next", "on", "2027-02-14",
    ]  # fmt: skip
    assert lines[4].endswith("the newest 4 bases and what belongs to them")
    assert main(["retention", "--json"]) == 0
    told = {row["kind"]: row for row in json.loads(capsys.readouterr().out)}
    assert told["replays"] == {
        "kind": "replays",
        "files": 1,
        "bytes": 1_234_000,
        "oldest": "2027-01-15T08:00:00Z",
        "days": 30,
        "until": "2027-02-14T08:00:00Z",
    }
    assert told["accounts"]["days"] is None


def test_a_desk_that_runs_removes_what_has_had_its_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOUCHLINE_HOME", str(tmp_path))
    monkeypatch.setattr("engine.upkeep.RETENTION_AFTER_S", 0.0)
    old = tmp_path / "cache" / "market" / "kraken" / "old"
    old.parent.mkdir(parents=True)
    old.write_bytes(b"x")
    os.utime(old, (1_600_000_000, 1_600_000_000))
    engine = simulated_engine(
        Settings(metrics=MetricsSettings(enabled=False)), standard_folders(), seed=1, pace=Pace()
    )
    engine.start()
    try:
        wait_until(lambda: not old.exists())
    finally:
        engine.stop()
    assert "cache" in (tmp_path / "data" / "audit.log").read_text(encoding="utf-8")
