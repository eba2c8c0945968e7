"""Passwords and passphrases that are typed: unseen, twice where they are new, and not for ever."""

from __future__ import annotations

import getpass
import sqlite3
import warnings
from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path

import pytest

from engine.clock import SystemClock
from engine.config import CredentialSettings, Settings, VaultSettings
from engine.errors import ConfigError, EngineError
from engine.folders import Folders
from engine.shell.operators import Operators, Role
from terminal.entry.hidden_entry import hidden, hidden_twice
from terminal.entry.passphrase_entry import PassphraseEntry
from terminal.entry.password_entry import entrance, new_password

GOOD, OTHER = "seven grey geese over Hull", "nine green herons by Wick"
Types = Callable[..., None]


@pytest.fixture
def types(monkeypatch: pytest.MonkeyPatch) -> Types:
    """Return what lets a person type lines at a terminal, the names seen and the rest unseen."""

    def sit_down(names: Iterable[str] = (), unseen: Iterable[str] = ()) -> None:
        lines, secrets = iter(names), iter(unseen)
        monkeypatch.setattr("sys.stdin.isatty", lambda: True)
        monkeypatch.setattr("builtins.input", lambda _: next(lines))
        monkeypatch.setattr(getpass, "getpass", lambda _: next(secrets))

    return sit_down


def test_what_is_new_is_typed_twice_alike(types: Types) -> None:
    types(unseen=(GOOD, GOOD, GOOD, OTHER))
    assert new_password("ann") == GOOD
    with pytest.raises(ConfigError, match="the two are not the same; nothing was changed"):
        hidden_twice("Password: ", "in a pipe")


def test_a_terminal_that_shows_what_is_typed_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def shown(_: str) -> str:
        warnings.warn("it is shown", getpass.GetPassWarning, stacklevel=1)
        return GOOD

    monkeypatch.setattr(getpass, "getpass", shown)
    with pytest.raises(ConfigError, match="this terminal can't hide what is typed; in a pipe"):
        hidden("Password: ", "in a pipe")

    def ended(_: str) -> str:
        raise EOFError

    monkeypatch.setattr(getpass, "getpass", ended)
    with pytest.raises(ConfigError, match="nothing was given"):
        hidden("Password: ", "in a pipe")


def test_a_passphrase_is_asked_for_once_and_not_over_a_desk(types: Types) -> None:
    types(unseen=(GOOD, OTHER, OTHER))
    ask = PassphraseEntry(VaultSettings())
    assert [ask("the vault a", new=False) for _ in range(2)] == [GOOD, GOOD]
    assert ask("the vault b", new=True) == OTHER
    ask.close()
    assert ask("the vault a", new=False) == GOOD
    with pytest.raises(ConfigError, match="which is asked for at a start alone"):
        ask("the vault c", new=False)


def test_who_it_is_is_asked_where_there_are_operators(
    types: Types, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folders = Folders(*(tmp_path / name for name in ("config", "data", "cache", "logs")))
    settings = Settings(credentials=CredentialSettings(key_file=str(tmp_path / "keys")))
    ask = PassphraseEntry(settings.vault)
    assert entrance(settings, folders, ask) is None
    operators = Operators(folders, settings, SystemClock(), cost=4)
    operators.add("ann", Role.ADMIN, GOOD)
    types(names=("bob", "ann"), unseen=(GOOD, GOOD))
    came = entrance(settings, folders, ask)
    assert came is not None
    assert came.who.operator == ("ann", Role.ADMIN, False)
    assert "the name, the password or the code is wrong" in capsys.readouterr().err
    with pytest.raises(EngineError, match="is wrong"):
        came.judge(OTHER, "")
    assert came.migrated == ""
    with closing(sqlite3.connect(folders.operators)) as found:
        found.executescript("DROP TABLE failed; PRAGMA user_version = 1")
    types(names=("ann",), unseen=(GOOD,))
    came = entrance(settings, folders, ask)
    assert came is not None
    assert came.migrated.startswith(
        "the operators were brought from schema 1 to 2; as they were they are in operators"
    )
    operators.want_code("ann")
    types(names=("ann",) * 3, unseen=(GOOD, "000000") * 3)
    with pytest.raises(ConfigError, match="nobody signed in"):
        entrance(settings, folders, ask)
    with pytest.raises(EngineError, match=r"too many failed sign-ins; try again in \d:\d\d"):
        operators.sign_in("ann", GOOD, "")
