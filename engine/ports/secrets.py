"""What the engine needs of a place that keeps secrets."""

from __future__ import annotations

from typing import Protocol

from engine.errors import EngineError


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
