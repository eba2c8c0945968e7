"""What the commands for a running desk print, ask, and end with."""

from __future__ import annotations

import json
import os
import pty
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from msgspec import structs

from engine.control.address import control_path
from engine.control.listener import Listener
from engine.control.status import JournalStatus, Summary
from engine.messages.reports import LinkReport
from engine.model.order import OrderStatus
from terminal.__main__ import main
from terminal.cli import COMMANDS
from terminal.shell import control_commands
from tests.documented import code, page, rows, section
from tests.engine_rooms import ABC, buying
from tests.unit.engine.control_bench import ControlBench, control_bench
from tests.waiting import wait_until

EVERY = [["halt"], ["resume"], ["reduce-only"], ["disarm"], ["cancel-all"], ["flatten", "--yes"], ["status"]]


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOUCHLINE_HOME", str(tmp_path / "h"))


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[ControlBench]:
    with control_bench(tmp_path) as made:
        yield made


@contextmanager
def typing(monkeypatch: pytest.MonkeyPatch, text: str) -> Iterator[None]:
    """Be a person at a terminal who has typed a line."""
    keyboard, terminal = pty.openpty()
    os.write(keyboard, text.encode())
    with os.fdopen(terminal, encoding="utf-8") as stdin, monkeypatch.context() as patch:
        patch.setattr(sys, "stdin", stdin)
        yield
    os.close(keyboard)


def holding(bench: ControlBench) -> None:
    bench.send(buying(bench.rooms, 100))
    bench.send(buying(bench.rooms, 10, 9_900))
    wait_until(lambda: ABC in bench.rooms.ledger.positions and len(bench.rooms.working) == 1)


def test_every_command_that_can_be_said_does_something() -> None:
    assert set(COMMANDS) >= set(control_commands.RUN)
    assert [arguments[0] for arguments in EVERY] == list(control_commands.RUN)


def test_a_desk_is_halted_reduced_and_resumed(
    bench: ControlBench, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["halt", "--reason", "fire"]) == 0
    assert main(["reduce-only"]) == 0
    assert main(["halt", "--symbol", "abc"]) == 0
    assert main(["halt", "--strategy", "meanrev", "--reason", "drift"]) == 0
    assert main(["resume"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "everything is halted: fire",
        "everything is reducing: from another shell",
        "ABC is halted: from another shell",
        "meanrev is halted: drift",
        "everything is active",
    ]
    assert len(bench.submitted) == 5


def test_orders_are_taken_back_and_what_is_left_is_an_exit_code(
    bench: ControlBench, capsys: pytest.CaptureFixture[str]
) -> None:
    holding(bench)
    bench.market.held = True
    assert main(["cancel-all", "--wait", "0"]) == 1
    bench.market.held = False
    bench.works(0)
    assert main(["cancel-all", "--symbol", "ABC"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "1 cancel asked; 1 still working: ABC 1",
        "0 cancels asked; 0 still working",
    ]


def test_flatten_without_a_person_to_ask_needs_a_yes(
    bench: ControlBench, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    holding(bench)
    with Path(os.devnull).open(encoding="utf-8") as stdin, monkeypatch.context() as patch:
        patch.setattr(sys, "stdin", stdin)
        assert main(["flatten"]) == 2
        assert not bench.submitted
        assert main(["flatten", "--yes"]) == 0
    told = capsys.readouterr()
    assert told.err == "touchline: flatten trades at the market: where nobody can be asked it needs --yes\n"
    assert told.out == "flatten asked for 1 position; nothing is held, 0 still working\n"


@pytest.mark.parametrize("typed", ["no\n", "\n", "y\n", "\x04"])
def test_flatten_asks_and_does_nothing_unless_it_is_told_yes(
    bench: ControlBench, typed: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with typing(monkeypatch, typed):
        assert main(["flatten", "--symbol", "ABC"]) == 1
    told = capsys.readouterr()
    name = bench.rooms.account.name
    assert told.out == f"flatten ABC at the market? (SIM account {name}) type yes: "
    assert told.err == "touchline: nothing was done\n"
    assert not bench.submitted


def test_flatten_that_is_told_yes_closes_everything(
    bench: ControlBench, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    holding(bench)
    with typing(monkeypatch, "yes\n"):
        assert main(["flatten"]) == 0
    assert capsys.readouterr().out.endswith("nothing is held, 0 still working\n")
    assert bench.rooms.ledger.positions[ABC].quantity == 0


def test_flatten_does_not_ask_where_no_desk_runs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with typing(monkeypatch, "yes\n"):
        assert main(["flatten"]) == 3
    assert not capsys.readouterr().out


@pytest.mark.parametrize("arguments", EVERY, ids=lambda arguments: arguments[0])
def test_where_no_desk_runs_a_sentence_says_how_to_start_one(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 3
    told = capsys.readouterr()
    assert told.err.startswith("touchline: no desk runs here: nothing listens at ")
    assert told.err.endswith("; `touchline` starts one\n")
    assert not told.out


def test_a_desk_that_does_not_answer_is_said_and_nothing_is_proven(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    listener = Listener.open(control_path(tmp_path / "h" / "data"))
    monkeypatch.setattr(control_commands, "_BEYOND_WAIT_S", 0.1)
    assert main(["status"]) == 1
    assert f"the desk (process {os.getpid()}) has not answered" in capsys.readouterr().err
    with typing(monkeypatch, "no\n"):
        assert main(["flatten"]) == 1
    assert "has not answered" in capsys.readouterr().out
    listener.close()


def test_the_status_as_json_has_the_keys_that_the_page_promises(
    bench: ControlBench, capsys: pytest.CaptureFixture[str]
) -> None:
    holding(bench)
    main(["halt", "--symbol", "XYZ", "--reason", "news"])
    capsys.readouterr()
    assert main(["status", "--json", "--hash"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["positions"] == {"ABC": "100"}
    assert told["trading"]["symbols"][0]["name"] == "XYZ"
    assert isinstance(told["state_hash"], str)
    documented = [code(row[0]) for row in rows(section(page("docs/control.md"), "## The status"))]
    assert [key.partition(".")[0] for key in documented] == _repeated(told, documented)
    for key in documented:
        _found(told, key)


def _repeated(told: dict[str, object], documented: list[str]) -> list[str]:
    """Return the keys in their own order, each as often as the page has a row for it."""
    tops = [key.partition(".")[0] for key in documented]
    return [key for key in told for _ in range(tops.count(key) or 1)]


def _found(told: object, key: str) -> object:
    for part in key.split("."):
        assert isinstance(told, dict)
        told = told[part]
    return told


def test_the_status_says_whether_a_live_account_is_armed(
    bench: ControlBench, capsys: pytest.CaptureFixture[str]
) -> None:
    arming = bench.rooms.arming
    bench.on_loop(lambda: setattr(arming, "needs_name", True))
    main(["status"])
    assert capsys.readouterr().out.startswith("account    SIM PAPER-1, ARMED\n")
    assert main(["disarm", "--reason", "lunch"]) == 0
    assert capsys.readouterr().out == "PAPER-1 is disarmed: lunch\n"
    main(["status"])
    assert "SIM PAPER-1, DISARMED: lunch (F12 at the desk arms)" in capsys.readouterr().out


def test_the_status_for_a_person_says_what_matters_first(
    bench: ControlBench, capsys: pytest.CaptureFixture[str]
) -> None:
    holding(bench)
    (order,) = bench.rooms.working
    bench.market.held = True
    bench.on_loop(lambda: setattr(order, "status", OrderStatus.UNKNOWN))
    main(["halt", "--reason", "fire"])
    capsys.readouterr()
    assert main(["status", "--hash"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"account    SIM {bench.rooms.account.name}"
    assert lines[1].startswith(f"desk       process {os.getpid()}, run {bench.rooms.ids.run}, up 0:00:0")
    assert lines[2].startswith("trading    HALTED: fire (since 2024-08-08 12:00:")
    assert lines[3:8] == [
        "orders     1 working: ABC 1",
        "unknown    #2 ABC: fate not known",
        "broker     paper: agreed",
        "positions  ABC 100",
        "breaks     none",
    ]
    assert lines[9].startswith("state      ")
    assert [line for line in lines[10:] if line.startswith("feed       hand: ")]


def test_the_status_says_that_the_broker_is_gone_since_when_and_why(
    bench: ControlBench, capsys: pytest.CaptureFixture[str]
) -> None:
    bench.market.held = True
    gone = LinkReport(connected=False, reason="nobody listens", event_ns=1)
    bench.on_loop(lambda: bench.rooms.orders.on_report(gone))
    assert main(["status", "--json"]) == 0
    broker = json.loads(capsys.readouterr().out)["broker"]
    assert (broker["name"], broker["phase"], broker["reason"]) == ("paper", "cut", "nobody listens")
    assert broker["since_ns"] == bench.rooms.orders.reconciler.view().since_ns
    main(["status"])
    told = capsys.readouterr().out
    assert "broker     paper: CUT for " in told
    assert " s: nobody listens\n" in told


def test_the_status_for_a_person_names_every_scope_and_a_journal_that_refuses(
    bench: ControlBench, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["halt", "--symbol", "ABC", "--reason", "news"])
    main(["reduce-only", "--strategy", "meanrev", "--reason", "drift"])
    bench.controls.journal = JournalStatus(8, 7, "the disk is full")
    capsys.readouterr()
    assert main(["status"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[2] == "trading    active"
    assert lines[3].startswith("           ABC: HALTED: news (since ")
    assert lines[4].startswith("           meanrev: REDUCING: drift (since ")
    assert lines[5] == "orders     0 working"
    assert lines[6].startswith("broker     paper: ")
    assert lines[7:10] == [
        "positions  none",
        "breaks     none",
        "journal    record 8, safe up to 7; refuses new orders: the disk is full",
    ]


def test_a_summary_keeps_its_names() -> None:
    assert structs.fields(Summary)[0].name == "mode"
    assert {field.name for field in structs.fields(Summary)} == {
        "mode",
        "account",
        "run",
        "version",
        "pid",
        "uptime_s",
        "arming",
        "trading",
        "working",
        "unknown",
        "positions",
        "breaks",
        "journal",
        "state_hash",
        "feed",
        "broker",
        "flattening",
        "unwell",
    }


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["halt", "--symbol", "A", "--strategy", "b"], "not allowed with argument"),
        (["halt", "--reason", " "], "expected 1 to 200 characters, found 0"),
        (["halt", "--symbol", "x" * 65], "expected 1 to 64 characters, found 65"),
        (["cancel-all", "--wait", "-1"], "expected 0 to 600 seconds, found '-1'"),
        (["flatten", "--wait", "nan"], "expected 0 to 600 seconds, found 'nan'"),
        (["cancel-all", "--wait", "soon"], "expected 0 to 600 seconds, found 'soon'"),
    ],
)
def test_a_bad_argument_is_a_sentence_and_exit_code_2(
    arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert sentence in capsys.readouterr().err
