"""`touchline operators`, and the desk that asks who it is before it opens."""

from __future__ import annotations

import io
from functools import partial
from pathlib import Path

import pytest

from engine.folders import standard_folders
from engine.security.audit.log import entries_in
from terminal.__main__ import main
from tests.pty_desk import PtyDesk, environment

GOOD, OTHER = "seven grey geese over Hull", "nine green herons by Wick"
QUIT = "\x11"


class Shell:
    """Says commands with a pipe for their input."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self._monkeypatch = monkeypatch
        self._capsys = capsys

    def says(self, *arguments: str, given: str = "", code: int = 0) -> str:
        """Return what is printed, on the one stream where it belongs; no password is among it."""
        self._monkeypatch.setattr("sys.stdin", io.StringIO(given))
        assert main(["operators", *arguments, "--key-file", "touchline.keys"]) == code
        told = self._capsys.readouterr()
        assert not (told.out and told.err)
        assert GOOD not in told.out + told.err
        assert OTHER not in told.out + told.err
        return told.out + told.err


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shell:
    monkeypatch.setenv("TOUCHLINE_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    return Shell(monkeypatch, capsys)


def test_a_life_of_operators(shell: Shell) -> None:
    assert "There are no operators" in shell.says("list")
    assert "the first operator is an admin" in shell.says("add", "bob", given=f"{GOOD}\n", code=2)
    assert "ann may sign in, as admin" in shell.says("add", "ann", "--role", "admin", given=f"{GOOD}\n")
    shell.says("add", "bob", given=f"{OTHER}\n")
    assert [line.split() for line in shell.says("list").splitlines()] == [["ann", "admin"], ["bob", "trader"]]
    assert "bob is risk from now on, at a desk that runs too" in shell.says("role", "bob", "risk")
    assert "bob has another password" in shell.says("password", "bob", given=f"{GOOD}\n")
    assert "otpauth://totp/Touchline:bob?secret=" in shell.says("code", "bob")
    assert "with a code" in shell.says("list")
    assert "bob signs in without a code" in shell.says("code", "bob", "--off")
    assert "ann is the last admin" in shell.says("remove", "ann", code=2)
    assert "bob may no longer sign in" in shell.says("remove", "bob")
    told = [
        (entry.what, entry.subject, entry.before, entry.after)
        for entry in entries_in(standard_folders().data / "audit.log")
    ]
    assert told == [
        ("operator-added", "ann", "", "admin"),
        ("operator-added", "bob", "", "trader"),
        ("operator-role", "bob", "trader", "risk"),
        ("operator-password", "bob", "", "another one"),
        ("operator-code", "bob", "none", "wanted"),
        ("operator-code", "bob", "wanted", "none"),
        ("operator-removed", "bob", "risk", ""),
    ]


@pytest.mark.parametrize(
    ("arguments", "given", "sentence"),
    [
        (("add", "ann", OTHER, "--role", "admin"), GOOD, "never taken from the command line"),
        (("add", "ann", "--role", "admin"), "", "expected a password in the pipe, found nothing"),
        (("add", "ann", "--role", "admin"), "short\n", "the password is refused"),
        (("add", "Ann", "--role", "admin"), GOOD, "expected a name of 2 to 32 small letters"),
        (("code", "ann"), "", "there is no operator ann"),
        (("role", "ann", "risk"), "", "there is no operator ann"),
        (("list", "--config", "none.toml"), "", "there is no such file"),
    ],
)
def test_what_will_not_do_is_a_sentence(
    shell: Shell, arguments: tuple[str, ...], given: str, sentence: str
) -> None:
    assert sentence in shell.says(*arguments, given=given, code=2)
    assert not standard_folders().operators.exists() or "There are no operators" in shell.says("list")


def asks(desk: PtyDesk, what: str, times: int) -> bool:
    return desk.text.count(what) == times


@pytest.mark.pty
def test_a_desk_asks_who_it_is_before_it_opens(shell: Shell, tmp_path: Path) -> None:
    shell.says("add", "ann", "--role", "admin", given=f"{GOOD}\n")
    shell.says("add", "bob", "--role", "viewer", given=f"{OTHER}\n")
    with PtyDesk(["demo"], environment(tmp_path / "home")) as desk:
        for times, password in enumerate((GOOD, OTHER), start=1):
            desk.until(partial(asks, desk, "Operator:", times))
            desk.press("bob\r")
            desk.until(partial(asks, desk, "Password (it is not shown)", times))
            desk.press(f"{password}\r")
        desk.until("1 Quotes")
        desk.until("failed tries to sign in as bob")
        desk.press_until(QUIT, lambda: b"\x1b[?1049l" in desk.raw)
        assert desk.exit_code() == 0
        assert not [text for text in (GOOD, OTHER) if text.encode() in desk.raw]
    told = [(entry.who, entry.what) for entry in entries_in(tmp_path / "home" / "data" / "audit.log")]
    assert told[2:4] == [("bob", "sign-in-failed"), ("bob", "sign-in")]
