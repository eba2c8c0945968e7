"""`touchline rollback`: each step is confirmed, kept and written down; what was broken off goes on."""

from __future__ import annotations

import json
import os
import pty
import stat
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from engine.clock import SystemClock
from engine.duties.keeper import Keeper
from engine.folders import standard_folders
from engine.messages.commands import TradingState
from engine.messages.health_views import HealthState
from engine.observe.logs import NAME as LOG
from engine.observe.timeline import NAME as TIMELINE
from engine.observe.timeline import Turn
from engine.preflight.checks.rollback import CHECKS
from engine.shell.rollback import STEPS, Rollbacks
from engine.version import program_version
from terminal.__main__ import BAD_INPUT, main
from terminal.shell.post_mortem import version_before
from tests.documented import blocks, page, section
from tests.engine_rooms import buying, composed
from tests.unit.engine.control_bench import ControlBench, control_bench
from tests.waiting import wait_until

Say = Callable[..., int]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Have a journal and a file for our keys, and nothing that runs."""
    root = tmp_path / "h"
    monkeypatch.setenv("TOUCHLINE_HOME", str(root))
    with composed(root) as rooms:
        rooms.orders.submit(buying(rooms, 10).request)
    return root


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ControlBench]:
    monkeypatch.setenv("TOUCHLINE_HOME", str(tmp_path / "h"))
    with control_bench(tmp_path) as made:
        (made.data / "journal").symlink_to(tmp_path / "home" / "data" / "journal")
        yield made


@pytest.fixture
def says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Say:
    """Return what is a person at a terminal: types lines, then hangs up."""

    def say(*lines: str, reason: str = "bad fills") -> int:
        keyboard, terminal = pty.openpty()
        os.write(keyboard, "".join(f"{line}\n" for line in lines).encode() + b"\x04")
        with os.fdopen(terminal, encoding="utf-8") as stdin, monkeypatch.context() as patch:
            patch.setattr(sys, "stdin", stdin)
            code = main(["rollback", "--reason", reason, "--key-file", str(tmp_path / "touchline.keys")])
        os.close(keyboard)
        return code

    return say


def acts() -> list[dict[str, Any]]:
    """Return what the audit log has of it."""
    lines = (standard_folders().data / "audit.log").read_text(encoding="utf-8").splitlines()
    return [entry for entry in map(json.loads, lines) if entry["what"] == "rollback"]


def test_the_steps_are_those_of_the_checklist_and_of_the_page() -> None:
    text = page("docs/rollback.md")
    assert [f"ROLL-{number}" for number in range(1, len(STEPS) + 1)] == [
        each for each in CHECKS if each.startswith("ROLL")
    ]
    for number, step in enumerate(STEPS, 1):
        told = section(text, f"## {number}. {step.title}")
        for command in step.commands:
            plain = command.removesuffix(" REASON").removesuffix(" --reason").removesuffix(" BUNDLE")
            assert f"touchline {plain}" in told


def test_orders_are_stopped_and_the_rest_waits_for_a_person(
    bench: ControlBench, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bench.send(buying(bench.rooms, 10, 9_900))
    wait_until(lambda: len(bench.rooms.working) == 1)
    keys = tmp_path / "touchline.keys"
    code = main(["rollback", "--yes", "--reason", "bad fills", "--key-file", str(keys)])
    told = capsys.readouterr().out
    assert "everything is halted: roll back: bad fills" in told
    assert bench.rooms.halts.everything.state is TradingState.HALTED
    wait_until(lambda: not bench.rooms.working)
    assert code == 0, told
    assert told.endswith("This waits for a person: touchline rollback goes on with step 3.\n")
    bundles = list((bench.data / "rollback").glob("*.tar.gz"))
    assert len(bundles) == 1
    assert [entry["subject"] for entry in acts()] == [f"{n} {STEPS[n - 1].title}" for n in (1, 2)]
    assert acts()[0]["after"] == "done: halt well, cancel-all well"
    assert acts()[0]["before"] == "bad fills"


def test_where_no_desk_runs_what_there_is_is_preserved(
    home: Path, says: Say, capsys: pytest.CaptureFixture[str]
) -> None:
    assert says("", "") == 1
    assert acts()[0]["after"] == "done: halt found no desk, cancel-all found no desk"
    assert "backup well" in acts()[1]["after"]
    assert "goes on there" in capsys.readouterr().out
    assert main(["drill", "--key-file", str(home.parent / "touchline.keys")]) == 0


@pytest.mark.usefixtures("home")
def test_what_was_broken_off_goes_on_with_the_step_that_is_left(
    says: Say, capsys: pytest.CaptureFixture[str]
) -> None:
    assert says("", "s the disk is full", "told ann and the broker", "q") == 1
    assert main(["rollback", "--list"]) == 0
    listed = capsys.readouterr().out
    assert "Rolling back: bad fills" in listed
    assert "left out: the disk is full" in listed
    assert "done: told ann and the broker" in listed
    assert says("q", reason="another") == 1
    again = capsys.readouterr().out
    assert "4 of 11" in again
    assert "3 of 11" not in again
    assert [entry["after"].split(":")[0] for entry in acts()] == ["done", "left out", "done"]


@pytest.mark.usefixtures("home")
def test_a_step_that_fails_is_asked_again_and_never_taken_for_done(
    says: Say, capsys: pytest.CaptureFixture[str]
) -> None:
    assert says("", "s n", "", "s n", "s n", "", "q") == 1
    told = capsys.readouterr()
    assert "Not done: status ended with 3" in told.out
    assert "no desk runs" in told.err
    assert [entry["subject"].split()[0] for entry in acts()] == ["1", "2", "3", "4", "5"]


@pytest.mark.usefixtures("home")
def test_nothing_is_left_out_without_a_reason_and_nothing_is_guessed(
    says: Say, capsys: pytest.CaptureFixture[str]
) -> None:
    assert says("s", "yes please", "q") == 1
    told = capsys.readouterr().out
    assert "s and the reason" in told
    assert "expected Enter, s and a reason, or q" in told
    assert not (standard_folders().data / "audit.log").exists()


@pytest.mark.usefixtures("home")
def test_the_last_step_ends_it_and_the_next_one_begins_anew(
    says: Say, capsys: pytest.CaptureFixture[str]
) -> None:
    left_out = [f"s reason {number}" for number in range(1, 8)]
    assert says(*left_out, "", "held on monday", "", "", "ann signed") == 0
    assert "The rollback is over" in capsys.readouterr().out
    folder = standard_folders().data / "rollback"
    (text,) = [path.read_text(encoding="utf-8") for path in folder.glob("postmortem-*.md")]
    assert "7 Resume: left out, reason 7" in text
    assert acts()[7]["after"] == "done: rollback well, held on monday"
    assert main(["rollback", "--list"]) == 0
    assert capsys.readouterr().out.startswith("No rollback goes on.\n 1  Stop new orders")
    assert len(list(folder.glob("rollback-*.json"))) == 1


def test_the_post_mortem_has_what_is_kept_and_obeys_none_of_it(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    now_ns = SystemClock().now_ns()
    turn = Turn(
        account="sim",
        component="feed",
        label="Feed",
        state=HealthState.DOWN,
        said="# gone\n## x",
        at_ns=now_ns,
    )
    standard_folders().logs.mkdir(parents=True, exist_ok=True)
    (standard_folders().data / TIMELINE).write_bytes(msgspec.json.encode(turn) + b"\n")
    line = {
        "at": "2999-01-15T08:00:00.000Z",
        "level": "warning",
        "component": "venue",
        "event": "alert",
        "text": "`rm`",
    }
    (standard_folders().logs / LOG).write_text(f"{json.dumps(line)}\n", encoding="utf-8")
    assert main(["rollback", "--post-mortem"]) == 0
    first = Path(capsys.readouterr().out.removeprefix("written to ").strip())
    text = first.read_text(encoding="utf-8")
    assert "  feed" in text.lower()
    assert "text=`rm`" in text
    assert [each for each in text.splitlines() if each.startswith("## x")] == []
    assert "## Causes" in text
    assert stat.S_IMODE(first.stat().st_mode) == 0o600
    first.write_text("mine", encoding="utf-8")
    assert main(["rollback", "--post-mortem"]) == 0
    assert first.read_text(encoding="utf-8") == "mine"
    assert len(list((home / "data" / "rollback").glob("postmortem-*.md"))) == 2


@pytest.mark.usefixtures("home")
def test_an_audit_log_that_is_broken_stops_no_step(says: Say, capsys: pytest.CaptureFixture[str]) -> None:
    log = standard_folders().data / "audit.log"
    log.write_text("no entry\n", encoding="utf-8")
    log.chmod(0o600)
    assert says("", "q") == 1
    assert "not in the audit log" in capsys.readouterr().err
    assert main(["rollback", "--list"]) == 0
    assert "done: halt found no desk" in capsys.readouterr().out


@pytest.mark.usefixtures("home")
def test_two_people_are_not_at_it_at_once(says: Say, capsys: pytest.CaptureFixture[str]) -> None:
    with Rollbacks(standard_folders(), SystemClock()).held():
        assert says("") == BAD_INPUT
    assert "somebody is at this rollback" in capsys.readouterr().err


@pytest.mark.usefixtures("home")
def test_a_step_that_can_not_be_kept_is_asked_for_again(
    says: Say, capsys: pytest.CaptureFixture[str]
) -> None:
    in_the_way = standard_folders().data / "rollback" / "progress.json.part"
    in_the_way.mkdir(parents=True)
    assert says("") == BAD_INPUT
    assert "step 1 was taken, and can't be kept as that: touchline rollback asks" in capsys.readouterr().err
    assert [entry["subject"].split()[0] for entry in acts()] == ["1"]
    in_the_way.rmdir()
    assert says("", "q") == 1
    assert "1 of 11" in capsys.readouterr().out


@pytest.mark.usefixtures("home")
def test_a_progress_that_is_damaged_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    folder = standard_folders().data / "rollback"
    folder.mkdir()
    (folder / "progress.json").write_text("{", encoding="utf-8")
    assert main(["rollback", "--list"]) == BAD_INPUT
    assert "move it aside" in capsys.readouterr().err


def test_where_nobody_can_be_asked_it_says_so(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with (home / "config.toml").open("w+") as pipe, monkeypatch.context() as patch:
        patch.setattr(sys, "stdin", pipe)
        assert main(["rollback"]) == BAD_INPUT
    assert "--yes does what is safe" in capsys.readouterr().err


def test_a_whole_rollback_halts_the_engine_that_runs_and_lets_it_go_on(
    bench: ControlBench, says: Say, capsys: pytest.CaptureFixture[str]
) -> None:
    by_hand = ("", "told bob", "0.0.9 is there", "", "not needed", "")
    assert says("", *by_hand, "", "", "held", "", "", "") == 0, capsys.readouterr()
    told = capsys.readouterr()
    assert "everything is halted: roll back: bad fills" in told.out
    assert "everything is active" in told.out
    assert "the history does not say" in told.out
    wait_until(lambda: bench.rooms.halts.everything.state is TradingState.ACTIVE)
    assert [entry["subject"].split()[0] for entry in acts()] == [str(n) for n in range(1, 12)]
    assert acts()[4]["after"] == "done: drill well, not needed"


def test_the_version_before_is_the_one_that_the_history_had_a_session_of(home: Path) -> None:
    with composed(home, later_s=60.0) as rooms:
        journal = rooms.journal
        keeper = Keeper(
            journal.disk,
            home / "data" / "sim.sqlite3",
            "USD",
            1_000,
            lambda: journal.sequence,
            journal.sequence,
        )
        keeper.start()
        wait_until(lambda: keeper.sequence == journal.sequence)
        keeper.stop()
    assert version_before("9.9.9") == program_version()
    assert version_before(program_version()) == ""


@pytest.mark.usefixtures("home")
def test_without_a_history_no_version_before_is_made_up() -> None:
    assert version_before("0.1.0") == ""


def test_the_commands_of_the_page_are_those_of_the_table() -> None:
    said = {line for block in blocks(page("docs/rollback.md"), "text") for line in block.splitlines()}
    assert {"touchline cancel-all", "touchline audit verify", "touchline restore --to newest"} <= said
