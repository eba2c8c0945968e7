"""Secrets in the keyring of the person's session: Secret Service, Keychain or Credential Locker.

The backend is named here and never looked for: what `keyring` picks by itself may keep secrets in the clear or
ask for a password on the terminal that the desk draws on.
"""

from __future__ import annotations

import sys
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from importlib import import_module
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, TypeVar

from engine.model.text import clean
from engine.ports.secrets import SecretsError

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

SERVICE = "touchline"
LOOK_S = 1.5
"""How long a look at its lock may take, which asks nobody."""
TIMEOUT_S = 5.0
"""How long a keyring may take; one that asks a person for its password takes longer, and is told as locked."""
BACKENDS: Mapping[str, str] = {
    "linux": "keyring.backends.SecretService:Keyring",
    "darwin": "keyring.backends.macOS:Keyring",
    "win32": "keyring.backends.Windows:WinVaultKeyring",
}

_ADVICE = (
    "unlock or start it, or keep secrets in a file instead: an encrypted one, file under [vault] in the settings, "
    "or one that is not, --key-file FILE"
)

DEFAULT_COLLECTION = "/org/freedesktop/secrets/aliases/default"

T = TypeVar("T")


def platform_keyring() -> KeyringBackend:
    """Make this platform's own keyring backend.

    Raises:
        SecretsError: there is none for this platform, or what it needs is not installed.
    """
    named = BACKENDS.get(sys.platform)
    if named is None:
        raise SecretsError(f"{sys.platform} has no keyring that Touchline knows; {_ADVICE}")
    module, _, name = named.partition(":")
    backend: KeyringBackend = getattr(import_module(module), name)()
    return backend


class KeyringVault:
    """Keeps secrets in the session's keyring; each call runs in a thread of its own and has a time limit."""

    def __init__(
        self, backend: Callable[[], KeyringBackend] = platform_keyring, *, timeout_s: float = TIMEOUT_S
    ) -> None:
        self._backend = backend
        self._timeout_s = timeout_s

    @property
    def place(self) -> str:
        """The keyring."""
        return "the keyring"

    def get(self, name: str) -> bytes | None:
        """Return a secret, or None where there is none of this name.

        Raises:
            SecretsError: the keyring is missing, locked or silent, or holds something else under the name.
        """
        text = self._ask(lambda backend: backend.get_password(SERVICE, name))
        if text is None:
            return None
        try:
            return b64decode(text, validate=True)
        except ValueError as error:
            raise SecretsError(
                f"the keyring holds something under {SERVICE}/{name} that Touchline did not write; remove it"
            ) from error

    def is_locked(self) -> bool | None:
        """Tell whether the keyring is locked, without having it ask anybody; None where that can't be told.

        Raises:
            SecretsError: the keyring is missing or silent.
        """
        return self._ask(
            lambda backend: _is_locked() if "SecretService" in type(backend).__module__ else None,
            min(LOOK_S, self._timeout_s),
        )

    def set(self, name: str, value: bytes) -> None:
        """Keep a secret, and read it back.

        Raises:
            SecretsError: the keyring is missing, locked or silent, or does not keep what it is given.
        """
        text = b64encode(value).decode("ascii")
        self._ask(lambda backend: backend.set_password(SERVICE, name, text))
        if self.get(name) != value:
            raise SecretsError(f"the keyring did not keep {SERVICE}/{name}; {_ADVICE}")

    def delete(self, name: str) -> None:
        """Forget a secret.

        Raises:
            SecretsError: the keyring is missing, locked or silent.
        """
        from keyring.errors import PasswordDeleteError  # noqa: PLC0415  # only when secrets are asked for

        def forget(backend: KeyringBackend) -> None:
            with suppress(PasswordDeleteError):
                backend.delete_password(SERVICE, name)

        self._ask(forget)

    def _ask(self, question: Callable[[KeyringBackend], T], timeout_s: float | None = None) -> T:
        limit_s = self._timeout_s if timeout_s is None else timeout_s
        answers: SimpleQueue[tuple[T] | Exception] = SimpleQueue()

        def run() -> None:
            try:
                answers.put((question(self._backend()),))
            except Exception as error:  # noqa: BLE001  # D-Bus, its libraries and the platform raise what they like
                answers.put(error)

        Thread(target=run, name="keyring", daemon=True).start()
        try:
            answer = answers.get(timeout=limit_s)
        except Empty:
            raise SecretsError(
                f"the keyring did not answer within {limit_s:g} s; it may be waiting for its password; {_ADVICE}"
            ) from None
        if isinstance(answer, SecretsError):
            raise answer
        if isinstance(answer, Exception):
            raise SecretsError(f"{_told(answer)}; {_ADVICE}") from answer
        return answer[0]


def _is_locked() -> bool:
    """Look at the default collection, past `keyring`, which would have a locked one ask for its password."""
    secretstorage = import_module("secretstorage")
    with closing(secretstorage.dbus_init()) as bus:
        return bool(secretstorage.Collection(bus, DEFAULT_COLLECTION).is_locked())


def _told(error: Exception) -> str:
    from keyring.errors import KeyringLocked  # noqa: PLC0415  # only when secrets are asked for

    state = "locked" if isinstance(error, KeyringLocked) else "not to be had"
    return f"the keyring is {state} ({clean(str(error)) or type(error).__name__})"
