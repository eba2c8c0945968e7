"""`touchline logs`: what happened, by id, loudness and component, whether or not a desk runs."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from engine.observe.logs import NAME
from terminal.__main__ import main
from tests.log_lines import line, write
from tests.waiting import wait_until


@pytest.fixture
def logs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TOUCHLINE_HOME", str(tmp_path))
    write(
        tmp_path / "logs" / NAME,
        line(1, "command", component="commands", correlation="r-1", client_id="r-1"),
        line(2, "order filled", correlation="r-1", client_id="r-1", price=100),
        line(3, "alert", component="alerts", level="critical", text="\x1b[2Jgone"),
    )
    return tmp_path / "logs"


@pytest.mark.usefixtures("logs")
def test_the_lines_of_one_order_are_told_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["logs", "--correlation", "r-1"]) == 0
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("2023-11-14T22:13:21.000Z  info      commands  command  correlation=r-1")
    assert second.endswith("order filled  correlation=r-1 client_id=r-1  price=100")


@pytest.mark.usefixtures("logs")
def test_loud_lines_are_told_without_what_a_terminal_obeys(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["logs", "--level", "critical"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "2023-11-14T22:13:23.000Z  critical  alerts    alert  text=[2Jgone"
    ]


@pytest.mark.usefixtures("logs")
def test_json_keeps_what_a_value_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["logs", "--json", "--component", "orders", "--last", "0"]) == 0
    (told,) = map(json.loads, capsys.readouterr().out.splitlines())
    assert (told["event"], told["price"], told["correlation"]) == ("order filled", 100, "r-1")


def test_the_newest_are_told_and_old_ones_are_not(logs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["logs", "--last", "1"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 1
    assert main(["logs", "--since", "10m"]) == 0
    told = capsys.readouterr()
    assert (told.out, told.err) == ("", f"touchline: no line is like that in {logs}\n")


def test_what_can_not_be_read_is_counted_on_the_other_stream(
    logs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(logs / NAME, b"no line\n")
    assert main(["logs"]) == 0
    assert capsys.readouterr().err == "touchline: lines that could not be read: 1\n"


@pytest.mark.parametrize(
    ("said", "told"),
    [
        pytest.param(["--component", "nobody"], "expected one of engine, commands", id="component"),
        pytest.param(["--since", "soon"], "expected a span as 90s, 10m, 2h or 3d", id="since"),
        pytest.param(["--last", "-1"], "expected 0 to 1,000,000 lines", id="last"),
        pytest.param(["--correlation", ""], "expected an id of 1 to 64 characters", id="correlation"),
        pytest.param(["--folder", "/nowhere/at/all"], "there is no such folder", id="folder"),
    ],
)
@pytest.mark.usefixtures("logs")
def test_what_is_wrong_is_a_sentence(said: list[str], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    try:
        code = main(["logs", *said])
    except SystemExit as end:
        code = int(end.code or 0)
    assert code == 2
    assert told in capsys.readouterr().err


@pytest.mark.pty
def test_it_follows_what_comes_until_ctrl_c(logs: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    kept = signal.signal(signal.SIGINT, signal.default_int_handler)  # who started us may ignore it for us all
    with out.open("wb") as stdout:
        program = subprocess.Popen(  # our own
            [sys.executable, "-m", "terminal", "logs", "--follow", "--correlation", "r-1"],
            stdout=stdout,
            env={**os.environ},
        )
        signal.signal(signal.SIGINT, kept)
        try:
            wait_until(lambda: out.read_text().count("\n") == 2, 30)
            write(logs / NAME, line(4, "other", correlation="r-2"), line(5, "late", cause="r-1"))
            wait_until(lambda: "late" in out.read_text(), 30)
            program.send_signal(signal.SIGINT)
            assert program.wait(30) == 0
        finally:
            program.kill()
            program.wait()
    assert "other" not in out.read_text()
