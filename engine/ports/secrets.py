"""What the engine needs of a place that keeps secrets, and what it takes from there to a venue."""

from __future__ import annotations

from typing import Protocol

from engine.errors import EngineError

_LENGTH_TOLD_MIN = 12
"""Of a shorter key four characters would be too much."""


class SecretsError(EngineError):
    """The place that keeps the secrets refused or did not answer; the message says what to do."""


class Secrets(Protocol):
    """Keeps secrets by name; calls may wait for a few seconds, so not on the engine's loop."""

    @property
    def place(self) -> str:
        """Where they are kept, in words that fit into a sentence."""

    def get(self, name: str) -> bytes | None:
        """Return a secret, or None where there is none of this name.

        Raises:
            SecretsError: the place can't be asked.
        """

    def set(self, name: str, value: bytes) -> None:
        """Keep a secret in place of what had its name.

        Raises:
            SecretsError: it could not be kept; what was kept before still is.
        """

    def delete(self, name: str) -> None:
        """Forget a secret; one that is not there is forgotten already.

        Raises:
            SecretsError: the place can't be asked.
        """


class AskPassphrase(Protocol):
    """Asks a person, or whoever was told to, for a passphrase."""

    def __call__(self, place: str, *, new: bool) -> str:
        """Return the passphrase of a place; a new one is asked for twice.

        Raises:
            EngineError: nobody can be asked, or nothing was said.
        """


class Credential:
    """What proves to a venue who we are; no printing, logging or writing down of it tells what it is.

    Whoever needs the text asks for it by name, at the moment it is sent.
    """

    __slots__ = ("_key", "_secret")

    def __init__(self, key: str, secret: str) -> None:
        self._key = key
        self._secret = secret

    @property
    def key(self) -> str:
        """The half that names us."""
        return self._key

    @property
    def secret(self) -> str:
        """The half that signs, or is the password."""
        return self._secret

    @property
    def hint(self) -> str:
        """The last four characters of the key, for a person to tell keys apart; none of a short one."""
        return f"…{self._key[-4:]}" if len(self._key) >= _LENGTH_TOLD_MIN else "…"

    def __repr__(self) -> str:
        return "Credential(hidden)"

    def __reduce__(self) -> str:
        raise TypeError("a credential is not written down")
