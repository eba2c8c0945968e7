"""`touchline credentials`: typed unseen or piped, kept in a real keyring or a file, and never printed."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.folders import standard_folders
from engine.security.audit.log import entries_in
from engine.security.credentials import read_credential
from engine.security.vault.key_file import KeyFile
from terminal.__main__ import main
from tests.connect_bench import addresses_of
from tests.documented import blocks, page
from tests.pty_desk import PROGRAM, ROOT, PtyDesk, environment
from tests.unit.engine.test_vault_keyring import UNLOCK, session, with_service
from tests.venues.alpaca.venue import AlpacaVenue

KEY, SECRET = "PKDQ7XR2HWENTLF0", "sK9tVbMz41uQgXwYpAfRc8/+="
PEM = "-----BEGIN EC PRIVATE KEY-----\nMHcCAQEEIB\nAwEHoUQDQgAE==\n-----END EC PRIVATE KEY-----"
FILE = ("--key-file", "venues.keys")


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOUCHLINE_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def alpaca(tmp_path: Path) -> Iterator[AlpacaVenue]:
    """Run a venue that knows the key, and let the settings of the home lead to it."""
    with AlpacaVenue() as venue:
        venue.floor.keys[KEY] = SECRET
        lines = ["[venues.alpaca]", *(f'{name} = "{url}"' for name, url in addresses_of(venue).items())]
        (tmp_path / "home" / "config").mkdir(parents=True)
        (tmp_path / "home" / "config" / "config.toml").write_text("\n".join(lines), encoding="utf-8")
        yield venue


@pytest.fixture
def piped(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Piped:
    """Return what runs the command with a pipe for its input."""
    return Piped(monkeypatch, capsys)


class Piped:
    """Runs the command with a pipe for its input, and reads what it prints."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self._monkeypatch = monkeypatch
        self._capsys = capsys

    def by(self, *arguments: str, given: str | bytes = "") -> str:
        """Return what a command prints that must do what it was told."""
        code, out, err = self.run(*arguments, given=given)
        assert (code, err) == (0, "")
        return out

    def refusal_of(self, *arguments: str, given: str | bytes = "") -> str:
        """Return the one sentence of a command that can't be done."""
        code, out, err = self.run(*arguments, given=given)
        assert (code, out, len(err.splitlines())) == (2, "", 1)
        assert err.startswith("touchline: ")
        return err

    def verdict_of(self, *arguments: str) -> str:
        """Return what a command prints whose venue does not take the key, or could not be asked."""
        code, out, err = self.run(*arguments, given="")
        assert (code, err, len(out.splitlines())) == (1, "", 1)
        return out

    def run(self, *arguments: str, given: str | bytes) -> tuple[int, str, str]:
        """Return the exit code and what was printed; neither half of what was given may be among it."""
        content = given if isinstance(given, bytes) else given.encode()
        self._monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content), encoding="utf-8"))
        code = main(["credentials", *arguments, *FILE])
        told = self._capsys.readouterr()
        assert KEY not in told.out + told.err
        assert SECRET not in told.out + told.err
        return code, told.out, told.err


def kept(venue: str) -> tuple[str, str] | None:
    found = read_credential(KeyFile(Path("venues.keys")), venue)
    return (found.key, found.secret) if found else None


@pytest.mark.usefixtures("alpaca")
def test_a_life_of_a_credential_in_a_file(piped: Piped) -> None:
    assert "No venue has a credential in the key file venues.keys" in piped.by("list")
    told = piped.by("add", "alpaca", given=f"{KEY}\n{SECRET}\n")
    assert told == "The credential of alpaca (key …TLF0) is in the key file venues.keys.\n"
    assert kept("alpaca") == (KEY, SECRET)
    assert piped.by("list").split() == ["alpaca", "…TLF0"]
    told = piped.by("test", "alpaca")
    assert "(key …TLF0) is given back by the key file venues.keys" in told
    assert told.endswith("Alpaca takes the key …TLF0.\n")
    assert (
        piped.by("remove", "alpaca") == "The credential of alpaca is no longer in the key file venues.keys.\n"
    )
    assert "nothing was removed" in piped.by("remove", "alpaca")
    assert kept("alpaca") is None
    assert "touchline credentials add alpaca keeps one" in piped.refusal_of("test", "alpaca")
    acts = [(e.what, e.subject, e.before, e.after) for e in entries_in(standard_folders().data / "audit.log")]
    assert acts == [
        ("credential-kept", "alpaca", "", "…TLF0"),
        ("credential-forgotten", "alpaca", "…TLF0", ""),
    ]


def test_a_key_that_the_venue_has_withdrawn_does_not_pass(piped: Piped, alpaca: AlpacaVenue) -> None:
    piped.by("add", "alpaca", given=f"{KEY}\n{SECRET}\n")
    alpaca.do(alpaca.floor.keys.clear)
    told = piped.verdict_of("test", "alpaca")
    assert "is given back by the key file venues.keys. Alpaca does not accept the key" in told
    assert "touchline credentials add alpaca" in told


def test_a_venue_that_could_not_be_asked_is_no_verdict_about_the_key(
    piped: Piped, alpaca: AlpacaVenue
) -> None:
    piped.by("add", "alpaca", given=f"{KEY}\n{SECRET}\n")
    alpaca.close()
    told = piped.verdict_of("test", "alpaca")
    assert "Alpaca could not be asked: tcp: " in told
    assert "connection refused" in told


def test_of_a_venue_that_wants_no_key_the_place_alone_is_asked(piped: Piped) -> None:
    piped.by("add", "kraken", given=f"{KEY}\n{SECRET}\n")
    assert "Kraken itself was not asked: " in piped.by("test", "kraken")


@pytest.mark.parametrize("secret", [PEM, PEM.replace("\n", "\\n"), PEM.replace("\n", "\r\n") + "\r\n"])
def test_a_private_key_of_several_lines_is_kept_as_its_file_has_it(piped: Piped, secret: str) -> None:
    piped.by("add", "coinbase", given=f"organizations/1/apiKeys/2\n{secret}\n")
    assert kept("coinbase") == ("organizations/1/apiKeys/2", PEM)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ("", "expected two lines in the pipe, the key and then its secret, found 0"),
        (f"{KEY}\n", "found 1"),
        (f"{KEY}\n{SECRET}\nmore\n", "found 3"),
        (f"{KEY}\n{SECRET} {SECRET}\n", "the secret holds a space or a character that no key has"),
        (f"{KEY}\x1b[2J\n{SECRET}\n", "the key holds a space or a character that no key has"),
        (f"{KEY}\n{SECRET}ü\n", "the secret holds a space or a character that no key has"),
        (f"{KEY}\n{'x' * 8193}\n", "the secret is longer than 8192 characters"),
        (b"\xff\xfe\n\x00\n", "expected two lines of text"),
    ],
)
def test_what_is_no_credential_is_a_sentence_and_changes_nothing(
    piped: Piped, given: str | bytes, sentence: str
) -> None:
    piped.by("add", "alpaca", given=f"{KEY}\n{SECRET}\n")
    assert sentence in piped.refusal_of("add", "alpaca", given=given)
    assert kept("alpaca") == (KEY, SECRET)


def test_a_key_on_the_command_line_is_refused_and_not_repeated(piped: Piped) -> None:
    told = piped.refusal_of("add", "alpaca", KEY, SECRET, given=f"{KEY}\n{SECRET}\n")
    assert "never taken from the command line" in told
    assert kept("alpaca") is None


def test_an_unknown_venue_and_no_errand_are_sentences(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments, told in ((["add", "nyse"], "invalid choice: 'nyse'"), ([], "add|list|remove|test")):
        with pytest.raises(SystemExit) as ended:
            main(["credentials", *arguments])
        assert ended.value.code == 2
        assert told in capsys.readouterr().err


def test_settings_may_name_the_file_and_must_be_there(
    piped: Piped, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "c.toml"
    config.write_text(f'[credentials]\nkey_file = "{tmp_path}/elsewhere"\n', encoding="utf-8")
    assert "no.toml: there is no such file" in piped.refusal_of("list", "--config", "no.toml")
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{KEY}\n{SECRET}\n"))
    assert main(["credentials", "add", "kraken", "--config", str(config)]) == 0
    assert read_credential(KeyFile(tmp_path / "elsewhere"), "kraken") is not None
    assert kept("kraken") is None


def test_what_cannot_be_read_is_listed_and_can_be_removed(piped: Piped) -> None:
    KeyFile(Path("venues.keys")).set("venue-binance", b"broken")
    assert piped.by("list").split(maxsplit=1) == ["binance", "unreadable: remove it\n"]
    assert "touchline credentials remove binance" in piped.refusal_of("test", "binance")
    piped.by("remove", "binance")
    assert "No venue has" in piped.by("list")


@pytest.mark.pty
def test_what_is_typed_at_the_terminal_is_kept_and_never_shown(tmp_path: Path) -> None:
    keys = tmp_path / "venues.keys"
    arguments = ["credentials", "add", "alpaca", "--key-file", str(keys)]
    with PtyDesk(arguments, environment(tmp_path / "home")) as terminal:
        terminal.until("Key of alpaca")
        terminal.press(f"{KEY}\r")
        terminal.until("Its secret")
        terminal.press(f"{SECRET}\r")
        terminal.until("key …TLF0")
        assert terminal.exit_code() == 0
        assert KEY.encode() not in terminal.raw
        assert SECRET.encode() not in terminal.raw
    assert kept("alpaca") == (KEY, SECRET)


@pytest.mark.pty
@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        (["\x04"], "nothing was given"),
        (["organizations/1\r", f"{PEM.splitlines()[0]}\r"], "can't be typed here"),
        (["\r", "\r"], "the key is empty"),
    ],
)
def test_what_is_typed_wrong_is_a_sentence_and_keeps_nothing(
    tmp_path: Path, typed: list[str], sentence: str
) -> None:
    arguments = ["credentials", "add", "coinbase", "--key-file", str(tmp_path / "venues.keys")]
    with PtyDesk(arguments, environment(tmp_path / "home")) as terminal:
        for prompt, text in zip(("Key of coinbase", "Its secret"), typed, strict=False):
            terminal.until(prompt)
            terminal.press(text)
        terminal.until(sentence)
        assert terminal.exit_code() == 2
    assert not (tmp_path / "venues.keys").exists()


@with_service
@pytest.mark.usefixtures("alpaca")
def test_a_real_keyring_keeps_it_from_one_run_to_the_next(tmp_path: Path) -> None:
    program, config = " ".join(PROGRAM), tmp_path / "home" / "config" / "config.toml"
    script = f"""
    printf '%s\\n' '{KEY}' '{SECRET}' | {program} credentials add alpaca
    {program} credentials list
    {program} credentials test alpaca --config '{config}'
    {program} credentials remove alpaca
    {program} credentials list
    {program} setup --keys-only
    {program} keys rotate signing
    {program} keys list
    """
    done = subprocess.run(
        ["dbus-run-session", "--", "bash", "-c", UNLOCK, "_", "bash", "-ec", script],
        env=session(tmp_path),
        cwd=ROOT,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert KEY not in done.stdout + done.stderr
    assert SECRET not in done.stdout + done.stderr
    added, listed, tested, removed, none, *keys = done.stdout.splitlines()
    assert added == "The credential of alpaca (key …TLF0) is in the keyring."
    assert listed.split() == ["alpaca", "…TLF0"]
    assert tested.startswith("The credential of alpaca (key …TLF0) is given back by the keyring.")
    assert tested.endswith("Alpaca takes the key …TLF0.")
    assert removed == "The credential of alpaca is no longer in the keyring."
    assert none.startswith("No venue has a credential in the keyring")
    assert [line.split()[0] for line in keys if "made, in the keyring" in line] == [
        "signing",
        "audit",
        "backup",
    ]
    assert [line.split()[2] for line in keys[-4:]] == ["signs", "verifies", "signs", "seals"]


def test_a_session_without_a_keyring_is_a_sentence(tmp_path: Path) -> None:
    done = subprocess.run(
        [*PROGRAM, "credentials", "list"],
        env={**session(tmp_path), "DBUS_SESSION_BUS_ADDRESS": f"unix:path={tmp_path}/none"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("touchline: the keyring is not to be had")
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.usefixtures("alpaca")
def test_every_command_of_the_page_works_one_after_the_other(tmp_path: Path) -> None:
    (tmp_path / "alpaca.txt").write_text(f"{KEY}\n{SECRET}\n", encoding="utf-8")
    lines = [line for block in blocks(page("docs/credentials.md"), "sh") for line in block.splitlines()]
    assert len(lines) == 4
    for line in lines:
        done = subprocess.run(
            ["sh", "-c", line.replace("touchline", " ".join(PROGRAM), 1)],
            env=environment(tmp_path / "home", PYTHONPATH=f"{ROOT}{os.pathsep}"),
            cwd=tmp_path,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            timeout=120,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, ""), line
        assert done.stdout
