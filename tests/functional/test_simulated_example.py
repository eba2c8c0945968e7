"""The example of the simulated market: traded, trained on, put into shadow, and seen to predict at a demo."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from pyarrow import parquet

from engine.bootstrap import simulated_engine
from engine.config import load_settings
from engine.folders import standard_folders
from engine.pace import Pace
from engine.shell.training.simulated_example import DESK_TEXT, SYMBOLS, write_simulated_example
from terminal.__main__ import main
from terminal.cli import parse_args
from tests.training_bench import needs_libraries
from tests.waiting import wait_until

MINUTES = 12


def says(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["models", *arguments, "--key-file", "keys"]) == 0, capsys.readouterr()
    return capsys.readouterr().out


@pytest.mark.no_cover
def test_a_newcomer_sees_a_model_predict_at_the_demo(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    needs_libraries()
    monkeypatch.setenv("TOUCHLINE_HOME", str(tmp_path / "home"))
    monkeypatch.setattr("sys.stdin", io.StringIO())
    monkeypatch.chdir(tmp_path)
    told = says(capsys, "example", "sim", "--simulated", "--minutes", str(MINUTES))
    assert told.splitlines()[-1] == "Now: touchline models train sim/seconds.toml"
    rows = parquet.read_table("sim/seconds.parquet").to_pylist()
    assert {row["symbol"] for row in rows} == set(SYMBOLS)
    assert len(rows) > 0.9 * len(SYMBOLS) * MINUTES * 60
    assert max(row["ts"] for row in rows) - min(row["ts"] for row in rows) < MINUTES * 60 * 10**9
    version = json.loads(says(capsys, "train", "sim/seconds.toml", "--json"))["version"]
    said = says(capsys, "promote", "seconds", version, "--reason", "to see it", "--confirm", "seconds")
    assert f"seconds {version} is shadow now." in said
    desk = tmp_path / "desk.toml"
    desk.write_text(f'{DESK_TEXT}\n[models]\nkey_file = "{tmp_path / "keys"}"\n', encoding="utf-8")
    engine = simulated_engine(load_settings(desk), standard_folders(), seed=1, pace=Pace(speed=0))
    engine.start()
    try:
        signals = engine._rooms.signals
        assert signals is not None
        wait_until(lambda: {each.symbol for each in signals.view.signals if each.probability} == set(SYMBOLS))
    finally:
        engine.stop()
    assert {each.stage for each in signals.view.models} == {"shadow"}


def test_the_same_market_is_traded_each_time(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    write_simulated_example(first, 1)
    write_simulated_example(second, 1)
    assert (first / "seconds.parquet").read_bytes() == (second / "seconds.parquet").read_bytes()


@pytest.mark.parametrize(
    "minutes", ["2", "241", "1e3", "ten", "\u0663\u0660"], ids=["few", "many", "float", "word", "arabic"]
)
def test_a_number_of_minutes_that_makes_no_sense_is_said(
    minutes: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        parse_args(["models", "example", "sim", "--simulated", "--minutes", minutes])
    assert "expected a whole number of minutes from 3 to 240" in capsys.readouterr().err


def test_a_folder_that_is_there_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sim").mkdir()
    assert main(["models", "example", "sim", "--simulated"]) == 2
    assert "sim: it is there already; expected the name of a new folder" in capsys.readouterr().err
    assert not [*(tmp_path / "sim").iterdir()]
