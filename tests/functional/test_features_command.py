"""`touchline features`: the vectors of a file, by the code that works them out live."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from engine.signals.features.sets import SETS
from terminal.__main__ import BAD_INPUT, main
from terminal.shell.signal_words import moment, span
from tests.recordings import write_quotes
from tests.shared_data import shared

DAILY = "data/daily_bars/btcusd_coinbase_daily.parquet"
NAMES = [each.name for each in SETS["bars-12"]]


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOUCHLINE_HOME", str(tmp_path / "home"))


def test_csv_has_every_digit_of_what_json_has(capsys: pytest.CaptureFixture[str]) -> None:
    path = str(shared(DAILY))
    assert main(["features", path, "--csv"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert main(["features", path, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["set"], told["warm_up"], [each["name"] for each in told["features"]]) == (
        "bars-12",
        21,
        NAMES,
    )
    assert len(rows) == len(told["rows"]) == 1318
    assert rows[0]["missing"] == "warming up: 1 of 21 bars"
    assert told["rows"][0]["values"] is None
    for row, other in zip(rows[20:], told["rows"][20:], strict=True):
        assert [float(row[name]) for name in NAMES] == other["values"]


def test_the_summary_says_why_there_is_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    path = str(shared("data/daily_bars/fx_daily.parquet"))
    assert main(["features", path]) == 1
    told = capsys.readouterr().out
    assert "EURUSD.oanda: 3,738 bars, 0 vectors" in told
    assert "3,718 without: volume_z_20: the volumes of 20 bars are all the same, or none" in told
    assert main(["features", path, "--set", "prices-11"]) == 0
    assert "EURUSD.oanda: 3,738 bars, 3,718 vectors" in capsys.readouterr().out


def test_longer_bars_are_made_of_the_files_own_and_ticks_make_minutes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    minutes = str(shared("data/index_minute/SPX_minute_201911.parquet"))
    assert main(["features", minutes, "--set", "prices-11", "--bars", "5m"]) == 0
    assert "bars of 5m" in capsys.readouterr().out
    ticks = str(write_quotes(tmp_path / "quotes.parquet"))
    assert main(["features", ticks]) == 1
    assert "bars of 1m" in capsys.readouterr().out
    assert main(["features", ticks, "--set", "prices-11", "--bars", "1s"]) == 0
    assert "BTCUSDT: 99 bars, 79 vectors" in capsys.readouterr().out


def test_rows_that_were_left_out_are_told_of(capsys: pytest.CaptureFixture[str]) -> None:
    path = str(shared("data/daily_bars/vix_wti_close.parquet"))
    assert main(["features", path, "--set", "prices-11"]) == 1
    told = capsys.readouterr()
    assert "close_location: high and low are the same" in told.out
    assert "rows that were left out: missing price 336; touchline data check names them" in told.err


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--set", "nope"], "there is no feature set 'nope'; there are bars-12, prices-11"),
        (["--bars", "1m"], "last 86400 s; expected a multiple of that, found 60 s"),
        (["--bars", "soon"], "expected a length as 1s, 5m, 1h or 1d, found 'soon'"),
        (["--csv", "--json"], "not allowed with argument"),
        (["--config", "gone.toml"], "there is no such file"),
    ],
    ids=["set", "shorter", "length", "both", "settings"],
)
def test_what_is_wrong_with_the_words_is_a_sentence_and_2(
    arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        code: int | str | None = main(["features", str(shared(DAILY)), *arguments])
    except SystemExit as left:
        code = left.code
    assert code == BAD_INPUT
    assert sentence in capsys.readouterr().err


def test_times_and_lengths_are_written_as_short_as_they_can_be() -> None:
    assert [span(seconds * 10**9) for seconds in (1, 90, 300, 3_600, 86_400)] == [
        "1s",
        "90s",
        "5m",
        "1h",
        "1d",
    ]
    assert span(10**8) == "0.1s"
    assert moment(86_400 * 10**9) == "1970-01-02"
    assert moment(5 * 10**9) == "1970-01-01 00:00:05"
    assert moment(5 * 10**9 + 7_000_000) == "1970-01-01 00:00:05.007"
