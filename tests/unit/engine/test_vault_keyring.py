"""Secrets in the session's keyring: a real Secret Service, and keyrings that are missing, locked or silent."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from threading import Event

import pytest
from keyring.backend import KeyringBackend

from engine.ports.secrets import SecretsError
from engine.security.vault.keyring_vault import BACKENDS, KeyringVault, platform_keyring
from tests.pty_desk import ROOT

QUESTIONS = Path(__file__).with_name("vault_questions.py")
UNLOCK = """
printf %s ci-only | gnome-keyring-daemon --unlock --components=secrets >/dev/null
has_service="--dest=org.freedesktop.DBus /org/freedesktop/DBus org.freedesktop.DBus.NameHasOwner string:org.freedesktop.secrets"
for _ in $(seq 200); do  # who asks before it has its name has the bus start another one, and both get in each other's way
    dbus-send --session --print-reply $has_service | grep -q true && break
    sleep 0.05
done
exec "$@"
"""
NEEDED = ("gnome-keyring-daemon", "dbus-run-session", "dbus-send")

with_service = pytest.mark.skipif(
    not all(map(shutil.which, NEEDED)), reason="needs the packages gnome-keyring and dbus"
)


def session(home: Path) -> dict[str, str]:
    """Return an environment with a home of its own and no way to any bus or screen that is there."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    runtime = home / "runtime"
    runtime.mkdir(mode=0o700, parents=True, exist_ok=True)
    return {**kept, "HOME": str(home), "XDG_RUNTIME_DIR": str(runtime), "PYTHONPATH": str(ROOT)}


def ask(question: str, home: Path, *around: str, **more: str) -> str:
    """Return what the vault says to a question, from a process with no terminal."""
    done = subprocess.run(
        [*around, sys.executable, str(QUESTIONS), question],
        env={**session(home), **more},
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=60,
        check=False,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done.stdout.strip()


def unlocked(question: str, home: Path) -> str:
    return ask(question, home, "dbus-run-session", "--", "bash", "-c", UNLOCK, "_")


@with_service
def test_a_real_secret_service_keeps_replaces_and_forgets(tmp_path: Path) -> None:
    assert unlocked("keep_and_forget", tmp_path) == r"[None, b'\x00one\xff', b'two', None]"


@with_service
def test_a_keyring_that_was_locked_is_a_sentence(tmp_path: Path) -> None:
    told = unlocked("locked", tmp_path)
    assert told.startswith("refused: the keyring is locked")
    assert "--key-file FILE" in told


@with_service
@pytest.mark.parametrize("how", ["dying", "hanging"])
def test_a_keyring_that_is_gone_under_way_is_a_sentence_and_found_again(tmp_path: Path, how: str) -> None:
    told = unlocked(how, tmp_path).splitlines()[
        -1
    ]  # a service that is started anew says something of its own
    refused, _, again = told.partition(" / ")
    assert refused.startswith(
        ("refused: the keyring is ", "refused: the keyring did not answer within 0.5 s")
    )
    assert refused.endswith("--key-file FILE")
    assert again == "b'x'"


@with_service
def test_what_another_program_wrote_is_not_taken_for_a_secret(tmp_path: Path) -> None:
    assert "holds something under touchline/a that Touchline did not write" in unlocked("foreign", tmp_path)


@with_service
def test_a_session_whose_keyring_was_never_unlocked_is_a_sentence(tmp_path: Path) -> None:
    told = ask("get", tmp_path, "dbus-run-session", "--")
    assert told.startswith(("refused: the keyring is ", "refused: the keyring did not answer"))


def test_a_session_without_a_bus_is_a_sentence_with_the_way_out(tmp_path: Path) -> None:
    told = ask("get", tmp_path, DBUS_SESSION_BUS_ADDRESS=f"unix:path={tmp_path}/none")
    assert told.startswith("refused: the keyring is not to be had")
    assert told.endswith("file under [vault] in the settings, or one that is not, --key-file FILE")


def test_a_choice_made_for_the_keyring_library_is_not_ours(tmp_path: Path) -> None:
    """A plaintext backend that is configured, or that merely is installed, never sees a secret."""
    told = ask(
        "keep_and_forget",
        tmp_path,
        PYTHON_KEYRING_BACKEND="keyring.backends.null.Keyring",
        DBUS_SESSION_BUS_ADDRESS=f"unix:path={tmp_path}/none",
    )
    assert told.startswith("refused: ")


@pytest.mark.skipif(sys.platform not in BACKENDS, reason="this platform has no keyring that we know")
def test_the_backend_is_the_platforms_own() -> None:
    backend = platform_keyring()
    assert (
        f"{type(backend).__module__.removesuffix('.__init__')}:{type(backend).__name__}"
        == BACKENDS[sys.platform]
    )


def test_a_platform_without_a_keyring_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "plan9")
    with pytest.raises(SecretsError, match="plan9 has no keyring that Touchline knows"):
        KeyringVault().get("a")


class Odd(KeyringBackend):
    """A keyring that behaves as it is told; real ones can't be made to hang on demand."""

    priority = 0

    def __init__(self, answer: Callable[[], str | None]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # the library's
        self._answer = answer

    def get_password(self, service: str, username: str) -> str | None:
        del service, username
        return self._answer()

    def set_password(self, service: str, username: str, password: str) -> None:
        """Pretend."""


def test_a_keyring_that_hangs_is_given_up_and_told() -> None:
    never = Event()

    def hang() -> str | None:
        never.wait()
        return None

    with pytest.raises(
        SecretsError, match=r"did not answer within 0\.05 s; it may be waiting for its password"
    ):
        KeyringVault(lambda: Odd(hang), timeout_s=0.05).get("a")
    never.set()


def test_whatever_a_keyring_raises_becomes_a_sentence_without_escapes() -> None:
    def fail() -> str | None:
        raise ValueError("\x1b[2Jboom")

    with pytest.raises(SecretsError, match=r"the keyring is not to be had \(\[2Jboom\)"):
        KeyringVault(lambda: Odd(fail)).get("a")


def test_a_keyring_that_forgets_at_once_is_found_out() -> None:
    with pytest.raises(SecretsError, match="the keyring did not keep touchline/a"):
        KeyringVault(lambda: Odd(lambda: None)).set("a", b"x")


def test_what_a_keyring_cannot_delete_is_forgotten_already() -> None:
    KeyringVault(lambda: Odd(lambda: None)).delete("a")
