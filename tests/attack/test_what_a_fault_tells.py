"""A fault of the program is a sentence and a file: neither tells what variables held, nor what a terminal would obey."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest
from textual.app import App
from textual.pilot import Pilot

from engine.folders import HOME_VARIABLE
from terminal import commands
from terminal.__main__ import BAD_INPUT, FAULT, main
from terminal.app import DeskApp
from terminal.cli import parse_args
from terminal.fault import NAME
from tests.attack.plants import MARKS, PLANTS, found_in
from tests.driving import drive
from tests.frozen_desk import frozen_app, settled

ESCAPES = "\x1b]52;c;b3duZWQ=\x07\x1b[2J\x9b31m\u202eevil"


class Broken(Exception):
    """A fault in the desk."""


def breaks_while_it_holds(password: str) -> None:
    """Fail with a secret in a variable, and another one and escapes in the words of the cause."""
    assert password
    raise Broken(PLANTS["bearer"]) from OSError(f"{PLANTS['address']} {ESCAPES}")


def broken_desk(root: Path) -> None:
    """Open a desk and let it fail."""
    app, _ = frozen_app(root)

    async def script(pilot: Pilot[None]) -> None:
        await settled(pilot)
        pilot.app.call_later(breaks_while_it_holds, MARKS["form"])
        await pilot.pause(0.2)

    with pytest.raises(Broken):
        drive(app, script)


def exit_code(arguments: list[str]) -> object:
    """Return how the program ends, also where its arguments are refused."""
    try:
        return main(arguments)
    except SystemExit as ended:
        return ended.code


def report_in(logs: Path) -> str:
    path = logs / NAME
    assert path.stat().st_mode & 0o077 == 0
    return path.read_text()


def test_a_desk_that_fails_says_where_and_never_what_a_variable_held(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken_desk(tmp_path)
    said = capsys.readouterr().err
    assert "a fault of the program (Broken)" in said
    assert NAME in said.replace("\n", "")
    report = report_in(tmp_path / "logs")
    assert "breaks_while_it_holds" in report
    assert "Broken" in report
    assert not found_in(said, report)
    assert all(line.isprintable() for line in report.splitlines())


def test_the_same_fault_told_by_textual_itself_gives_the_secret_away(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(DeskApp, "_fatal_error", App._fatal_error)
    broken_desk(tmp_path)
    assert "form" in found_in(capsys.readouterr().err)


def test_a_command_that_fails_is_a_sentence_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(_: argparse.Namespace) -> int:
        breaks_while_it_holds(MARKS["form"])
        return 0

    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path))
    monkeypatch.setattr(commands, "_HERE", {"demo": fails})
    assert main(["demo"]) == FAULT
    said = capsys.readouterr().err
    assert said.startswith("touchline: a fault of the program (Broken)")
    assert "Traceback" not in said
    assert not found_in(said, report_in(tmp_path / "logs"))


def test_a_fault_that_can_not_be_written_down_is_told_all_the_same(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(_: argparse.Namespace) -> int:
        raise Broken

    home = tmp_path / "home"
    home.write_text("a file where a folder should be")
    monkeypatch.setenv(HOME_VARIABLE, str(home))
    monkeypatch.setattr(commands, "_HERE", {"demo": fails})
    assert main(["demo"]) == FAULT
    assert "where can't be written" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [
        ["demo", f"--password={MARKS['form']}"],
        ["demo", "--password", MARKS["form"]],
        ["credentials", "list", MARKS["form"]],
        ["operators", "add", "ann", "--role", "admin", "--password", MARKS["form"]],
        ["setup", "--passphrase", MARKS["form"]],
        ["demo", f"--theme-password={MARKS['form']}{ESCAPES}"],
    ],
)
def test_arguments_that_mean_nothing_are_refused_without_what_they_say(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        parse_args(arguments)
    assert ended.value.code == BAD_INPUT
    said = capsys.readouterr().err
    assert "unrecognized arguments" in said
    assert not found_in(said)
    assert all(line.isprintable() for line in said.splitlines())


@pytest.mark.parametrize(
    ("text", "arguments"),
    [
        (f'"{{}}" = 1\n[desk]\n"{ESCAPES}" = 1\n', []),
        ('["\\u001b]52;c;b3duZWQ=\\u0007\\u202e"]\nx = 1\n', []),
        (f'[redis]\naddress = "redis://ann:{MARKS["address"]}@venue.test"\n', ["redis", "check"]),
        (f'[broker]\nkind = "\\u001b[2J{"x" * 5_000}"\n', []),
        ("", ["history", "--symbol", ESCAPES]),
        ("", ["replay", f"no such {ESCAPES} file", "--headless"]),
        ("", ["--theme", ESCAPES]),
        ("", [ESCAPES]),
        ("", ["--seed", ESCAPES]),
    ],
)
def test_what_is_wrong_is_told_in_lines_that_no_terminal_obeys(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    text: str,
    arguments: list[str],
) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "config.toml").write_text(text)
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path))
    assert exit_code(arguments or ["history"]) == BAD_INPUT
    said = capsys.readouterr()
    whole = said.out + said.err
    assert whole
    assert all(line.isprintable() for line in whole.splitlines())
    assert not found_in(whole)
    assert len(whole) < 8_000
