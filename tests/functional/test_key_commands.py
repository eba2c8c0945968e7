"""`touchline setup` and `touchline keys`: what is made once, and what still holds after a rotation."""

from __future__ import annotations

import io
import shlex
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.bootstrap import simulated_engine
from engine.clock import SystemClock
from engine.config import MetricsSettings, Settings
from engine.folders import standard_folders
from engine.ids import OrderIds
from engine.pace import Pace
from engine.security.audit.log import entries_in
from terminal.__main__ import main
from tests.documented import ROOT, blocks
from tests.vault_shell import PASSPHRASE, VaultShell

PASSWORD = "nine green herons by Wick"
Says = Callable[..., str]


@pytest.fixture
def says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Says:
    """Return what says commands to a home with a vault, and returns what they print; no secret is among it."""
    monkeypatch.setenv("TOUCHLINE_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    shell = VaultShell(tmp_path)
    shell.make_cheap()

    def say(*arguments: str, given: str = "", code: int = 0, passphrase: str = PASSPHRASE) -> str:
        assert shell.say(*arguments, given=given, passphrase=passphrase.encode()) == code
        told = capsys.readouterr()
        assert not [secret for secret in (PASSPHRASE, PASSWORD) if secret in told.out + told.err]
        return told.out + told.err

    return say


def has_traded() -> None:
    """Let an account have a journal."""
    settings = Settings(metrics=MetricsSettings(enabled=False))
    ids = OrderIds(SystemClock().now_ns())
    engine = simulated_engine(settings, standard_folders(), seed=1, pace=Pace(), ids=ids)
    engine.start()
    engine.stop()


def test_what_is_made_once_is_there_the_second_time(says: Says, tmp_path: Path) -> None:
    assert "There are no keys yet" in says("keys", "list")
    assert "holds no signing keys; touchline setup makes them" in says("keys", "rotate", "signing", code=2)
    first = says("setup", "--operator", "ann", given=f"{PASSWORD}\n")
    assert [line.split()[0] for line in first.splitlines() if " made, " in line] == [
        "signing", "audit", "backup", "operator",
    ]  # fmt: skip
    again = says("setup", "--operator", "bob", given=f"{PASSWORD}\n")
    assert " made" not in again
    assert [line.split()[-3:-1] for line in again.splitlines() if "operators" in line] == [["ann", "there"]]
    assert says("operators", "list").split() == ["ann", "admin"]
    acts = [(entry.what, entry.subject) for entry in entries_in(standard_folders().data / "audit.log")]
    made = [("key-made", kind) for kind in ("signing", "audit", "backup")]
    assert acts == [*made, ("operator-added", "ann")]
    assert stat.S_IMODE((tmp_path / "vault").stat().st_mode) == 0o600


def test_a_setup_that_stopped_half_way_goes_on(says: Says) -> None:
    assert "the password is refused" in says("setup", "--operator", "ann", given="short\n", code=2)
    told = says("setup", "--operator", "ann", given=f"{PASSWORD}\n")
    assert told.count("there already") == 3
    assert "operator     ann  made, as admin" in told


def test_the_runbook_works_line_by_line_and_old_backups_still_open(says: Says) -> None:
    says("setup", "--keys-only")
    assert not standard_folders().operators.exists()
    has_traded()
    says("backup")
    before = says("keys", "list").splitlines()
    text = (ROOT / "docs" / "runbooks" / "rotate-keys.md").read_text(encoding="utf-8")
    lines = [line for block in blocks(text, "sh") for line in block.splitlines()]
    assert len(lines) == 11
    told = {line: says(*shlex.split(line)[1:]) for line in lines}
    assert all(told.values())
    assert "it is the one that was backed up" in told["touchline drill"]
    assert told["touchline keys list"].count("verifies until 20") == 1
    after = says("keys", "list").splitlines()
    assert [line.split()[2] for line in after] == ["signs", "signs", "seals", "opens"]
    assert before[2].split()[1] == after[3].split()[1]
    listed = says("backup", "--list")
    assert listed.count(".base") == 2
    assert "fault" not in listed
    rotated = [e for e in entries_in(standard_folders().data / "audit.log") if e.what == "key-rotated"]
    assert [(e.subject, e.before) for e in rotated][0::2] == [
        ("signing", before[0].split()[1]),
        ("backup", before[2].split()[1]),
    ]


def test_another_passphrase_opens_the_same_keys(says: Says) -> None:
    says("setup", "--keys-only")
    before = says("keys", "list")
    assert "has another passphrase" in says("keys", "passphrase", given="five old owls of Ely\n")
    assert "the passphrase is wrong" in says("keys", "list", code=2)
    assert says("keys", "list", passphrase="five old owls of Ely") == before


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["keys", "rotate", "backup", "--at-once"], "--at-once is for the signing key"),
        (["keys", "rotate", "backup"], "holds no backup key"),
        (["keys", "passphrase"], "which has no passphrase of ours"),
        (["keys", "list", "--config", "none.toml"], "there is no such file"),
    ],
)
def test_what_can_not_be_done_is_a_sentence(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    sentence: str,
) -> None:
    monkeypatch.setenv("TOUCHLINE_HOME", str(tmp_path / "home"))
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    assert main([*arguments, "--key-file", str(tmp_path / "keys")]) == 2
    assert sentence in capsys.readouterr().err
