"""`touchline models bars`: recordings become bars that a training reads, the same that a desk makes."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.clock import NS_PER_S
from engine.shell.training.bars import read_bars
from terminal.__main__ import main
from tests.recordings import FIRST_NS, STEP_NS, write_quotes
from tests.shared_data import shared

Says = Callable[..., str]
MINUTES = "data/index_minute/SPX_minute_201911.parquet"


@pytest.fixture
def says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Says:
    """Return what makes bars with these words, and returns what is printed."""
    monkeypatch.setenv("TOUCHLINE_HOME", str(tmp_path / "home"))
    monkeypatch.setattr("sys.stdin", io.StringIO())
    monkeypatch.chdir(tmp_path)

    def say(*arguments: str, code: int = 0) -> str:
        assert main(["models", "bars", *arguments]) == code, capsys.readouterr()
        told = capsys.readouterr()
        return told.out + told.err

    return say


def test_ticks_become_bars_of_their_prices_and_the_one_that_still_forms_is_none(says: Says) -> None:
    write_quotes(Path("ticks.parquet"))
    told = says("ticks.parquet", "--bars", "1s", "--out", "seconds.parquet")
    assert told.splitlines() == [
        "BTCUSDT: 99 bars of 1s, 2024-08-08 23:54:14 to 2024-08-08 23:55:53",
        'They are in seconds.parquet. In a spec: data = ["seconds.parquet"], bars = "1s"',
    ]
    read = read_bars([Path("seconds.parquet")], NS_PER_S, FIRST_NS + 400 * STEP_NS)
    assert not read.left_out
    bars = read.bars["BTCUSDT"]
    assert [bar.start_ns for bar in bars] == [FIRST_NS + number * NS_PER_S for number in range(99)]
    scale = bars[0].open / 61_000.025
    assert [bar.open / scale for bar in bars] == pytest.approx(
        [61_000.025 + number * 0.04 for number in range(99)]
    )
    assert [bar.close / scale for bar in bars] == pytest.approx(
        [61_000.055 + number * 0.04 for number in range(99)]
    )


def test_bars_become_longer_ones_that_hold_them(says: Says) -> None:
    path = shared(MINUTES)
    told = json.loads(says(str(path), "--bars", "5m", "--out", "five.parquet", "--json"))
    (symbol,) = told["symbols"]
    longer = read_bars([Path("five.parquet")], 300 * NS_PER_S, symbol["end_ns"]).bars[symbol["symbol"]]
    assert (len(longer), told["interval_ns"]) == (symbol["bars"], 300 * NS_PER_S)
    minutes = read_bars([path], 60 * NS_PER_S, symbol["end_ns"]).bars[symbol["symbol"]]
    for bar in longer[:200]:
        held = [one for one in minutes if bar.start_ns <= one.start_ns < bar.start_ns + bar.interval_ns]
        ratio = bar.open / held[0].open
        assert (bar.high, bar.low, bar.close) == pytest.approx(
            (
                ratio * max(one.high for one in held),
                ratio * min(one.low for one in held),
                ratio * held[-1].close,
            )
        )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["ticks.parquet", "--out", "ticks.parquet"], "--out: ticks.parquet is there already"),
        (["ticks.parquet", "--bars", "1h", "--out", "new.parquet"], "no bar of 3600 s closed"),
        (["none.parquet", "--out", "new.parquet"], "none.parquet"),
        (["ticks.parquet", "--bars", "1s", "--out", "none/new.parquet"], "--out: none/new.parquet: No such"),
    ],
    ids=["there-already", "too-long", "no-recording", "no-folder"],
)
def test_what_can_not_be_made_is_said_and_leaves_no_file(says: Says, arguments: list[str], said: str) -> None:
    before = write_quotes(Path("ticks.parquet")).read_bytes()
    told = says(*arguments, code=2)
    assert said in told
    assert "Traceback" not in told
    assert sorted(each.name for each in Path().glob("*.p*")) == ["ticks.parquet"]
    assert Path("ticks.parquet").read_bytes() == before


def test_a_length_that_is_none_is_a_bad_argument(says: Says, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        says("ticks.parquet", "--bars", "fast", "--out", "new.parquet")
    assert "expected a length as 1s, 5m, 1h or 1d, found 'fast'" in capsys.readouterr().err
