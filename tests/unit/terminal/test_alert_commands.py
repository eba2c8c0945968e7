"""What the command about alerts prints, asks and ends with, before a desk that runs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.alerts.built_in import BUILT_IN
from engine.config import CredentialSettings, Settings
from engine.credentials import Credentials
from engine.security.operators.register import Operator
from engine.security.operators.roles import Role
from terminal.__main__ import main
from terminal.desktop_notice import notice
from tests.unit.engine.control_bench import ControlBench, control_bench
from tests.waiting import wait_until

WRONG = '[rule.own]\nmetric = "touchline_equity"\nabove = 0\ncause = "own"\ntext = "equity \\u001b[2J is {value}"\n'


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOUCHLINE_HOME", str(tmp_path / "h"))


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[ControlBench]:
    with control_bench(tmp_path) as made:
        made.rooms.folders.alert_rules.write_text(WRONG, encoding="utf-8")
        wait_until(lambda: any(each.cause == "own" for each in made.rooms.alarms.view.open))
        yield made


def number_of(bench: ControlBench) -> str:
    return str(next(each.number for each in bench.rooms.alarms.view.open if each.cause == "own"))


def test_it_says_what_is_wrong_for_people_and_for_programs(
    bench: ControlBench, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["alerts"]) == 0
    out = capsys.readouterr().out
    assert "equity [2J is 1,000,000" in out
    assert "\x1b" not in out
    assert "rules: alerts.toml" in out
    assert main(["alerts", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert "own" in [each["cause"] for each in told["open"]]
    assert number_of(bench)


def test_it_answers_and_takes_back(bench: ControlBench, capsys: pytest.CaptureFixture[str]) -> None:
    number = number_of(bench)
    who = bench.rooms.audit.who if bench.rooms.audit else ""
    for words, state in (
        (("ack", f"#{number}"), f"acknowledged by {who}"),
        (("silence", number, "1h"), f"silenced by {who}"),
        (("reopen", number), "firing"),
    ):
        assert main(["alerts", *words]) == 0
        assert capsys.readouterr().out == f"alert {number} (own) is {state}\n"
    assert main(["alerts", "ack", "999"]) == 2
    assert capsys.readouterr().err == "touchline: there is no alert 999\n"


def test_who_may_not_is_told_so(bench: ControlBench, capsys: pytest.CaptureFixture[str]) -> None:
    bench.on_loop(lambda: setattr(bench.rooms, "operator", Operator("ann", Role.VIEWER)))
    assert main(["alerts", "ack", number_of(bench)]) == 1
    assert "is firing; where somebody signed in" in capsys.readouterr().err


@pytest.mark.parametrize(
    "words",
    [
        ("ack", "x"),
        ("ack", "0"),
        ("silence", "1", "2d"),
        ("silence", "1", "25h"),
        ("silence", "1", "0s"),
        ("shout",),
    ],
    ids=" ".join,
)
def test_what_means_nothing_is_refused_in_a_sentence(
    words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["alerts", *words])
    assert ended.value.code == 2
    assert "expected" in capsys.readouterr().err or words == ("shout",)


def test_without_a_desk_it_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["alerts"]) == 3
    assert "no desk runs here" in capsys.readouterr().err


def test_a_rules_file_is_read_without_a_desk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["alerts", "check"]) == 0
    assert f"{len(BUILT_IN)} rules in force" in capsys.readouterr().out
    path = tmp_path / "rules.toml"
    path.write_text("[rule.disk]\nenabled = false\n", encoding="utf-8")
    assert main(["alerts", "check", str(path)]) == 0
    assert f"{len(BUILT_IN) - 1} rules in force" in capsys.readouterr().out
    path.write_text("[rule.disk]\nbelow = 'much'\n", encoding="utf-8")
    assert main(["alerts", "check", str(path)]) == 1
    assert "rule.disk" in capsys.readouterr().err
    assert main(["alerts", "check", str(tmp_path / "none.toml")]) == 2


def test_the_secret_is_made_kept_and_printed_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    key_file = tmp_path / "keys"
    assert main(["alerts", "secret", "--key-file", str(key_file)]) == 0
    printed = capsys.readouterr()
    kept = Credentials(Settings(credentials=CredentialSettings(key_file=str(key_file)))).read(
        "alerts-webhook"
    )
    assert kept is not None
    assert printed.out == f"{kept.secret}\n"
    assert kept.secret not in printed.err
    assert len(kept.secret) == 64


@pytest.mark.parametrize("way", ["osc9", "osc777"])
def test_a_notification_holds_one_sequence_whatever_the_text_is(way: str) -> None:
    sequence = notice(way, "disk\x1b]52;c;aGk=\x07 full\x9c; rm" + "x" * 500)
    assert sequence.startswith("\x1b]9;Touchline: " if way == "osc9" else "\x1b]777;notify;Touchline;")
    assert sequence.endswith("\x07")
    inner = sequence[1:-1]
    assert not {"\x1b", "\x07", "\x9c"} & set(inner)
    assert len(sequence) < 200


def test_a_desk_that_shall_not_notify_sends_nothing() -> None:
    assert notice("off", "disk full") == ""
