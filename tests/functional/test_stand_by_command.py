"""The command that stands by: it waits, takes the account over, runs it, and ends in order when it is told to."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest

from engine.clock import SystemClock
from engine.messages.events import SessionBegan, SessionEnded
from engine.security.operators.database import OperatorFile
from engine.security.operators.register import Register
from engine.security.operators.roles import Role
from engine.security.signing import load_or_make_signing_keys
from engine.security.vault.key_file import KeyFile
from engine.store.journal import open_journal
from terminal.__main__ import BAD_INPUT, main
from tests.journals import records_of
from tests.waiting import wait_until

PASSWORD = "fjord-Lantern-62-quince"
ENDED = 128 + signal.SIGTERM


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of the simulated account's journal; all files are in a folder of the test's."""
    monkeypatch.setenv("TOUCHLINE_HOME", str(tmp_path))
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "config.toml").write_text("[metrics]\nenabled = false\n", encoding="utf-8")
    return tmp_path / "data" / "journal" / "sim"


@pytest.fixture(autouse=True)
def _handlers() -> Iterator[None]:
    kept = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    yield
    for number, handler in kept.items():
        signal.signal(number, handler)


@pytest.fixture
def told_to_end_when() -> Iterator[Callable[[Callable[[], bool]], None]]:
    """Have the program told to end once something is so."""
    threads: list[threading.Thread] = []

    def when(is_so: Callable[[], bool]) -> None:
        def tell() -> None:
            try:
                wait_until(is_so)
            finally:
                os.kill(os.getpid(), signal.SIGTERM)

        threads.append(threading.Thread(target=tell))
        threads[-1].start()

    yield when
    for thread in threads:
        thread.join()


def test_while_another_desk_has_the_account_it_waits_and_changes_nothing(
    folder: Path,
    told_to_end_when: Callable[[Callable[[], bool]], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    holder, said = open_journal(folder, "process"), list[str]()
    holder.append(SessionBegan("first", "1", 1), 1)
    monkeypatch.setattr("sys.stdout.write", said.append)
    told_to_end_when(lambda: bool(said))
    assert main(["stand-by", "demo"]) == ENDED
    holder.close()
    assert said == ["stands by for PAPER-1: record 1\n"]
    assert len(records_of(folder)) == 1


def test_an_account_that_nobody_has_is_run_until_it_is_told_to_end(
    folder: Path,
    told_to_end_when: Callable[[Callable[[], bool]], None],
    capsys: pytest.CaptureFixture[str],
) -> None:
    told_to_end_when((folder.parents[1] / "control.sock").exists)
    assert main(["stand-by", "demo"]) == ENDED
    assert capsys.readouterr().out == "nobody else writes its journal: the account is taken over\n"
    ended = records_of(folder)[-1]
    assert isinstance(ended, SessionEnded)
    assert ended.reason == "told to end (SIGTERM)"
    open_journal(folder, "process").close()


def test_a_stand_by_lets_programs_reach_it_once_it_has_the_account(
    folder: Path,
    told_to_end_when: Callable[[Callable[[], bool]], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    home, said = folder.parents[2], list[str]()
    keys = KeyFile(home / "keys")
    load_or_make_signing_keys(keys)
    (home / "data").mkdir(mode=0o700)
    register = Register(OperatorFile(home / "data" / "operators.sqlite3"), SystemClock(), cost=4)
    register.add("ann", Role.ADMIN, PASSWORD)
    (home / "config" / "config.toml").write_text(
        '[metrics]\nenabled = false\n[gateway]\nlisten = "127.0.0.1:0"\n'
        f'[credentials]\nkey_file = "{home}/keys"\n',
        encoding="utf-8",
    )
    monkeypatch.setattr("builtins.input", lambda _: "ann")
    monkeypatch.setattr("getpass.getpass", lambda _: PASSWORD)
    monkeypatch.setattr("sys.stdout.write", said.append)

    def answers() -> bool:
        if "is served at" not in (told := "".join(said)):
            return False
        with urlopen(f"{told.split()[-1]}/v1/health", timeout=10) as answer:
            return bool(answer.status == 200)

    told_to_end_when(answers)
    assert main(["stand-by", "demo", "--serve"]) == ENDED
    assert said[0] == "nobody else writes its journal: the account is taken over\n"


@pytest.mark.usefixtures("folder")
def test_what_can_not_be_begun_is_a_sentence_and_lets_the_account_go(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    limits = folder.parents[2] / "config" / "limits.toml"
    limits.write_text("nonsense", encoding="utf-8")
    assert main(["stand-by", "demo"]) == BAD_INPUT
    assert "limits.toml" in capsys.readouterr().err
    open_journal(folder, "process").close()
    assert main(["stand-by", "demo", "--config", "nowhere.toml"]) == BAD_INPUT
    assert main(["stand-by", "demo", "--fresh"]) == BAD_INPUT
