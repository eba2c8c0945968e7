"""A vault by choice of the settings: unlocked at the terminal or from an open file, and never by anything else."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from engine.security.vault.file_vault import FileVault
from terminal.__main__ import main
from tests.pty_desk import PtyDesk, environment
from tests.vault_shell import PASSPHRASE, VaultShell

KEY, SECRET = "PKDQ7XR2HWENTLF0", "sK9tVbMz41uQgXwYpAfRc8/+="


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> VaultShell:
    """Return what says commands to a home with a vault."""
    monkeypatch.setenv("TOUCHLINE_HOME", str(tmp_path / "home"))
    return VaultShell(tmp_path)


def test_credentials_and_the_key_of_backups_are_kept_in_the_vault(
    shell: VaultShell, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert shell.say("credentials", "add", "kraken", given=f"{KEY}\n{SECRET}\n") == 0
    assert f"is in the vault {tmp_path}/vault." in capsys.readouterr().out
    assert shell.say("credentials", "list") == 0
    assert capsys.readouterr().out.split() == ["kraken", "…TLF0"]
    assert shell.say("credentials", "list", passphrase=b"seven grey geese over Hall") == 2
    told = capsys.readouterr()
    assert "the passphrase is wrong, or the file was changed" in told.err
    assert "geese" not in told.err
    for secret in (KEY, SECRET, PASSPHRASE):
        assert secret.encode() not in (tmp_path / "vault").read_bytes()


@pytest.mark.parametrize("passphrase", [b"", b"x" * 5000, b"\xff\xfe"])
def test_what_is_no_passphrase_is_a_sentence(
    shell: VaultShell, passphrase: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    assert shell.say("credentials", "add", "kraken", passphrase=passphrase, given=f"{KEY}\n{SECRET}\n") == 2
    assert "expected a" in capsys.readouterr().err


def test_without_a_terminal_or_an_open_file_nobody_is_asked(
    shell: VaultShell, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{KEY}\n{SECRET}\n"))
    assert main(["credentials", "add", "kraken"]) == 2
    assert (
        "this is no terminal; let [vault] passphrase_descriptor name an open file" in capsys.readouterr().err
    )
    with shell.settings.open("a", encoding="utf-8") as settings:
        settings.write("passphrase_descriptor = 999\n")
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{KEY}\n{SECRET}\n"))
    assert main(["credentials", "add", "kraken"]) == 2
    assert "a line of text in the open file 999" in capsys.readouterr().err


@pytest.mark.pty
def test_the_passphrase_is_asked_for_unseen_and_twice_where_it_is_new(
    shell: VaultShell, tmp_path: Path
) -> None:
    arguments = ["credentials", "add", "kraken"]
    with PtyDesk(arguments, environment(tmp_path / "home")) as terminal:
        for prompt, text in (
            ("Key of kraken", KEY),
            ("Its secret", SECRET),
            ("A new passphrase for the vault", PASSPHRASE),
            ("The same again", PASSPHRASE),
        ):
            terminal.until(prompt)
            terminal.press(f"{text}\r")
        terminal.until("is in the vault")
        assert terminal.exit_code() == 0
        assert not [text for text in (KEY, SECRET, PASSPHRASE) if text.encode() in terminal.raw]
    vault = FileVault(tmp_path / "vault", lambda place, *, new: PASSPHRASE)  # noqa: ARG005
    assert SECRET.encode() in (vault.get("venue-kraken") or b"")
    assert shell.vault.exists()
