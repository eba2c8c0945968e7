"""`touchline data check`: the real quirks of recorded data are named, by rule and row."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from terminal.__main__ import BAD_INPUT, main
from tests.recordings import write_quotes
from tests.shared_data import shared

DAY_NS = 86_400 * 10**9
FIRST_NS = 19_700 * DAY_NS


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOUCHLINE_HOME", str(tmp_path / "home"))


def _checked(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, Any]]:
    code = main(["data", "check", *arguments, "--json"])
    told: dict[str, Any] = json.loads(capsys.readouterr().out)
    return code, told


def _found(told: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    return {(each["rule"], each["symbol"]): each for file in told["files"] for each in file["found"]}


def _bars(path: Path, closes: list[float], **changed: Any) -> Path:
    columns: dict[str, Any] = {
        "ts": [FIRST_NS + day * DAY_NS for day in range(len(closes))],
        "symbol": ["BTCUSD"] * len(closes),
        "open": closes,
        "high": [close + 1 for close in closes],
        "low": [close - 1 for close in closes],
        "close": closes,
        "volume": [5.0 + place % 2 for place in range(len(closes))],
    }
    pq.write_table(pa.table(columns | changed), path)
    return path


RULES = [
    ("daily_bars/btcusd_coinbase_daily", 1, "bad-print", "BTCUSD", 1, 833),
    ("daily_bars/btcusd_coinbase_daily", 1, "gap", "BTCUSD", 8, 5),
    ("daily_bars/us5_daily_ohlcv_adj", 0, "split-like", "AAPL", 1, 1255),
    ("daily_bars/us5_daily_ohlcv_adj", 0, "outlier", "AAPL", 2, 79),
    ("daily_bars/us5_daily_ohlcv_adj", 0, "gap", "IBM", 3, 6001),
    ("daily_bars/vix_wti_close", 1, "price-not-finite", "WTI", 290, 1338),
    ("daily_bars/vix_wti_close", 1, "price-not-finite", "VIX", 46, 12),
    ("daily_bars/SPY_daily_ohlcv_adj", 1, "high-low", "SPY", 2, 1807),
    ("daily_bars/fx_daily", 0, "crossed-bar", "EURUSD.fxcm", 419, 11215),
    ("index_minute/SPX_minute_201911", 0, "no-volume", "SPX", 1, 0),
    ("crypto_minute/coinbase_tradebars", 0, "gap", "BTCEUR", 156, 9),
    ("fx_ticks/fxcm_EURUSD_20140504", 0, "crossed", "EURUSD", 174, 86),
    ("crypto_ticks/binance-coinm_BTCUSD_PERP_20240808_trades", 0, "received-early", "BTCUSD_PERP", 2286, 1),
]


@pytest.mark.parametrize(
    ("file", "code", "rule", "symbol", "count", "row"), RULES, ids=[f"{each[0]}-{each[2]}" for each in RULES]
)
def test_a_quirk_of_real_data_is_named(
    file: str, code: int, rule: str, symbol: str, count: int, row: int, capsys: pytest.CaptureFixture[str]
) -> None:
    found_code, told = _checked(capsys, str(shared(f"data/{file}.parquet")))
    assert found_code == code
    found = _found(told)[rule, symbol]
    assert found["count"] == count
    assert found["rows"][0]["row"] == row


def test_a_clean_file_says_so_and_ends_with_0(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write_quotes(tmp_path / "clean.parquet")
    assert main(["data", "check", str(path)]) == 0
    assert capsys.readouterr().out == "clean.parquet: quotes (parquet), 1 symbol, 400 quotes\nclean\n"


def test_rows_are_named_as_they_are_stored_and_not_as_they_would_be_sorted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    closes = [100.0 + place % 3 for place in range(8)]
    days = [0, 1, 4, 2, 3, 5, 5, 6]
    path = _bars(tmp_path / "b.parquet", closes, ts=[FIRST_NS + day * DAY_NS for day in days])
    code, told = _checked(capsys, str(path), "--rows", "10")
    assert code == 1
    found = _found(told)
    assert [each["row"] for each in found["time-order", "BTCUSD"]["rows"]] == [4, 5]
    assert [each["row"] for each in found["time-duplicate", "BTCUSD"]["rows"]] == [7]


def test_a_price_that_is_no_number_is_named_with_its_column(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = _bars(tmp_path / "b.parquet", [100.0] * 3, low=[99.0, float("nan"), -1.0])
    assert main(["data", "check", str(path)]) == 1
    told = capsys.readouterr().out
    assert "row 2: not a number: column low" in told
    assert "row 3: negative price: column low" in told
    assert told.endswith("2 failures and 0 warnings in 1 file\n")


def test_what_there_is_to_train_on_is_counted_and_too_little_fails(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = _bars(tmp_path / "b.parquet", [100.0 + place % 3 for place in range(40)])
    assert main(["data", "check", str(path), "--horizon", "1", "--train-rows", "38"]) == 0
    assert "BTCUSD: 38 rows to train on, 25 of them up" in capsys.readouterr().out
    assert main(["data", "check", str(path), "--horizon", "1"]) == 1
    assert "38 rows, and 300 are needed" in capsys.readouterr().out


def test_times_without_a_zone_fail_and_plain_numbers_are_utc(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for number, (zone, code) in enumerate(((None, 1), ("UTC", 0))):
        times = pa.array([FIRST_NS, FIRST_NS + DAY_NS], pa.int64()).cast(pa.timestamp("ns", tz=zone))
        found, told = _checked(capsys, str(_bars(tmp_path / f"{number}.parquet", [100.0, 101.0], ts=times)))
        assert (found, ("time-zone", "") in _found(told)) == (code, bool(code))


def test_a_bar_of_tomorrow_is_unfinished(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    far_ns = 47_000 * DAY_NS
    path = _bars(tmp_path / "b.parquet", [100.0, 101.0], ts=[far_ns, far_ns + DAY_NS])
    code, told = _checked(capsys, str(path))
    assert (code, _found(told)["unfinished", "BTCUSD"]["count"]) == (1, 2)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["check", "gone.parquet"], "expected a file, found nothing"),
        (["check"], "the following arguments are required: FILE"),
        (["check", "a", "--rows", "0"], "expected 1 to 10,000, found '0'"),
        (["mend", "a"], "invalid choice: 'mend'"),
    ],
    ids=["no-file", "no-name", "no-rows", "no-such-thing"],
)
def test_what_is_wrong_with_the_words_is_a_sentence_and_2(
    arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        code: int | str | None = main(["data", *arguments])
    except SystemExit as left:
        code = left.code
    assert code == BAD_INPUT
    assert sentence in capsys.readouterr().err


def test_nothing_that_a_terminal_would_obey_is_printed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = _bars(tmp_path / "a\x1b[2J.parquet", [100.0, -1.0], symbol=["B\x1b]0;x\x07", "B\x1b]0;x\x07"])
    assert main(["data", "check", str(path)]) == 1
    told = capsys.readouterr().out
    assert "price-not-positive" in told
    assert not {character for character in told if ord(character) < 32} - {"\n"}
    assert main(["features", str(path)]) == 1
    assert "\x1b" not in capsys.readouterr().out


def test_depth_alone_is_not_called_clean(capsys: pytest.CaptureFixture[str]) -> None:
    path = shared("data/crypto_ws_raw/kraken_book1000_crc32_20210417.txt.gz")
    assert main(["data", "check", str(path)]) == BAD_INPUT
    assert "found only depth" in capsys.readouterr().err


def test_a_file_that_breaks_off_is_judged_up_to_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = shared("data/crypto_ws_raw/binance_spot_ethusdt_20240808.txt.gz").read_bytes()
    path = tmp_path / "cut.txt.gz"
    path.write_bytes(whole[: len(whole) // 4])
    code, told = _checked(capsys, str(path))
    assert code == 1
    assert told["files"][0]["events"]["trades"] > 100
    assert "breaks off" in _found(told)["unreadable", ""]["rows"][0]["found"]
