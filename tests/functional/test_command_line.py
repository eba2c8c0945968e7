"""What the command does where there is no desk: help, completion, summaries, and sentences for what is wrong."""

from __future__ import annotations

import gzip
import json
import math
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from terminal.__main__ import main
from terminal.cli import COMMANDS
from tests.pty_desk import PROGRAM, ROOT, environment
from tests.recordings import write_quotes
from tests.shared_data import shared

KINDS = {"quote", "trade", "snapshot", "delta", "bar", "status", "unreadable"}
KEYS = {"events", "accepted", "refused", "symbols", "wall_s", "cpu_s", "events_per_s"}
SYMBOL_KEYS = {"events", "bid", "ask", "bid_size", "ask_size", "last", "crossed", "resyncs", "bars"}


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOUCHLINE_HOME", str(tmp_path / "home"))


def run(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*PROGRAM, *arguments],
        cwd=ROOT,
        env=environment(home),
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=120,
        check=False,
    )


def ends_with(arguments: list[str], code: int) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == code


def summary_of(capsys: pytest.CaptureFixture[str], *files: Path) -> dict[str, Any]:
    arguments = ["replay", "--headless", "--json", "--speed", "max", *map(str, files)]
    assert main(arguments) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert found.keys() >= KEYS
    assert found["events"].keys() == KINDS
    assert all(row.keys() >= SYMBOL_KEYS for row in found["symbols"].values())
    assert sum(found["events"].values()) == found["accepted"] + sum(found["refused"].values())
    assert all(row["events"] == row["accepted"] + row["refused"] for row in found["symbols"].values())
    return found


def test_rows_that_are_no_numbers_are_among_what_was_read_and_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bids = [1.1, math.nan, -1.1, 1.1, 1.1, 1.1]
    symbols = ["EURUSD", "EURUSD", "GBPUSD", "GBPUSD", "EURUSD", "EURUSD"]
    times = [1_723_161_254_000_000_000 + second * 1_000_000_000 for second in range(6)]
    columns = {"ts": times, "symbol": symbols, "bid": bids, "ask": [1.2] * 6}
    path = tmp_path / "quotes.parquet"
    pq.write_table(pa.table(columns), path)
    found = summary_of(capsys, path)
    assert (found["events"]["quote"], found["events"]["unreadable"]) == (4, 2)
    assert found["refused"] == {"not_a_number": 1, "negative_price": 1}
    told = {name: (row["events"], row["refused"]) for name, row in found["symbols"].items()}
    assert told == {"EURUSD": (4, 1), "GBPUSD": (2, 1)}


def test_a_pipe_instead_of_a_terminal_is_a_sentence_and_exit_code_2(tmp_path: Path) -> None:
    ended = run(tmp_path)
    assert ended.returncode == 2
    assert ended.stderr.startswith("touchline: the desk needs a terminal")
    assert len(ended.stderr.splitlines()) == 1
    assert not ended.stdout


def test_a_reader_that_leaves_early_ends_the_program_quietly(tmp_path: Path) -> None:
    script = f"{sys.executable} -m terminal --print-completion bash | head -c 1"
    ended = subprocess.run(
        ["/bin/sh", "-c", script],
        cwd=ROOT,
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (0, "")


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    ends_with(["--help"], 0)
    told = capsys.readouterr().out
    assert all(f"    {command} " in told for command in COMMANDS)


def test_version_says_the_programs_name(capsys: pytest.CaptureFixture[str]) -> None:
    ends_with(["--version"], 0)
    assert capsys.readouterr().out.startswith("touchline ")


@pytest.mark.parametrize("shell", ["bash", "zsh", "tcsh"])
def test_completion_knows_the_commands(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--print-completion", shell]) == 0
    script = capsys.readouterr().out
    assert all(word in script for word in (*COMMANDS, "headless", "strategy", "wait"))


def test_the_completion_for_bash_is_valid_bash(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--print-completion", "bash"])
    script = capsys.readouterr().out
    subprocess.run(["bash", "-n"], input=script, text=True, check=True)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["bogus"], "invalid choice: 'bogus'"),
        (["--seed", "x"], "invalid int value: 'x'"),
        (["--speed", "0"], "expected a number above 0, max, or a rate such as 50000/s, found '0'"),
        (["--speed", "nan"], "found 'nan'"),
        (["replay"], "required: FILE"),
        (["--print-completion", "fish"], "invalid choice: 'fish'"),
    ],
)
def test_a_bad_argument_is_a_sentence_and_exit_code_2(
    arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    ends_with(arguments, 2)
    assert sentence in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["replay", "--json", "x.csv"], "--json prints a summary; it goes with --headless"),
        (["replay", "--headless", "nowhere.csv"], "nowhere.csv: expected a file, found nothing"),
        (["replay", "--headless", "x", "--start", "soon"], "--start: expected 14:30"),
        (["replay", "--headless", "x", "--start", "25:00"], "--start: expected 14:30"),
        (["replay", "--headless", "x", "--config", "no.toml"], "no.toml: there is no such file"),
        (["picture", "x.svg", "--size", "3"], "--size: expected columns x rows such as 160x48, found '3'"),
    ],
)
def test_what_can_not_be_is_a_sentence_and_exit_code_2(
    arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    told = capsys.readouterr().err
    assert told.startswith("touchline: ")
    assert sentence in told


def corrupt(path: Path, kind: str) -> Path:
    whole = write_quotes(path / "whole.parquet").read_bytes()
    packed = gzip.compress(b'1723161255000000000 {"stream":"btcusdt@trade","data":{}}\n' * 500, 9)
    name, content = {
        "truncated parquet": ("cut.parquet", whole[: len(whole) // 2]),
        "not parquet": ("text.parquet", b"hello\n"),
        "truncated gz": ("cut.txt.gz", packed[: len(packed) // 2]),
        "random text": ("notes.csv", b"dear diary\n" * 20),
        "empty": ("empty.csv", b""),
    }[kind]
    made = path / name
    made.write_bytes(content)
    return made


@pytest.mark.parametrize("kind", ["truncated parquet", "not parquet", "truncated gz", "random text", "empty"])
def test_a_corrupt_file_is_named_with_the_reason(
    tmp_path: Path, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = corrupt(tmp_path, kind)
    assert main(["replay", "--headless", "--json", str(path)]) == 2
    told = capsys.readouterr().err
    assert told.startswith("touchline: ")
    assert path.name in told
    assert "Traceback" not in told


def test_a_setting_of_the_wrong_type_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = tmp_path / "config.toml"
    config.write_text('[desk]\nframes_per_s = "many"\n', encoding="utf-8")
    path = write_quotes(tmp_path / "quotes.parquet", count=2)
    assert main(["replay", "--headless", str(path), "--config", str(config)]) == 2
    assert "desk.frames_per_s" in capsys.readouterr().err


def test_a_small_recording_is_summed_up(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = summary_of(capsys, write_quotes(tmp_path / "quotes.parquet"))
    row = found["symbols"]["BTCUSDT"]
    assert found["events"]["quote"] == found["accepted"] == row["events"] == 400
    assert found["refused"] == {}
    assert (row["bid"], row["ask"], row["bid_size"], row["ask_size"]) == (61003.99, 61004.04, 2.0, 3.0)
    assert (row["crossed"], row["resyncs"]) == (0, 0)
    assert found["wall_s"] > 0
    assert found["events_per_s"] > 0


def test_several_recordings_are_merged_and_both_counted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one = write_quotes(tmp_path / "one.parquet")
    other = write_quotes(tmp_path / "other.parquet", symbol="ETHUSDT", count=100)
    found = summary_of(capsys, one, other)
    assert {name: row["events"] for name, row in found["symbols"].items()} == {"BTCUSDT": 400, "ETHUSDT": 100}


def test_what_came_before_the_start_is_rushed_through_and_counted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write_quotes(tmp_path / "hours.parquet", count=50_000)
    arguments = [
        "replay",
        "--headless",
        "--json",
        "--speed",
        "1",
        "--start",
        "2024-08-09T03:22:30",
        str(path),
    ]
    assert main(arguments) == 0
    assert json.loads(capsys.readouterr().out)["events"]["quote"] == 50_000


def test_without_json_the_summary_is_for_a_person(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write_quotes(tmp_path / "quotes.parquet")
    assert main(["replay", "--headless", "--speed", "max", str(path)]) == 0
    told = capsys.readouterr().out
    assert "BTCUSDT" in told
    assert "bid 61,003.99" in told
    assert "quote 400" in told


def test_recorded_trades_are_all_accepted(capsys: pytest.CaptureFixture[str]) -> None:
    found = summary_of(capsys, shared("data/crypto_ticks/binance-coinm_BTCUSD_PERP_20240808_trades.parquet"))
    assert found["events"]["trade"] == found["accepted"] == 2286
    assert found["symbols"]["BTCUSD_PERP"]["last"] == 61668.7


def test_a_raw_capture_is_summed_up_with_its_books(capsys: pytest.CaptureFixture[str]) -> None:
    found = summary_of(capsys, shared("data/crypto_ws_raw/kraken_book1000_crc32_20210417.txt.gz"))
    assert found["events"]["snapshot"] >= 10
    assert found["events"]["delta"] > 4000
    assert len(found["symbols"]) == 10
    assert all(row["bid"] < row["ask"] for row in found["symbols"].values())
