"""Secrets in a file of their owner's, by explicit choice: for hosts without a keyring, and for safe keeping."""

from __future__ import annotations

from base64 import b64decode, b64encode
from pathlib import Path

from engine.ports.secrets import SecretsError
from engine.security.private_file import read_private, write_private

_HEAD = "# Secrets of Touchline: whoever has this file can read what they protect.\n"


class KeyFile:
    """Keeps secrets as lines of name and base64, in a file that only its owner may read."""

    def __init__(self, path: Path) -> None:
        self.path = path
        """The file."""

    @property
    def place(self) -> str:
        """The file."""
        return f"the key file {self.path}"

    def get(self, name: str) -> bytes | None:
        """Return a secret, or None where there is none of this name.

        Raises:
            SecretsError: the file can't be read, is not ours alone, or is not a key file.
        """
        return self._read().get(name)

    def set(self, name: str, value: bytes) -> None:
        """Write a secret; the file is made if need be.

        Raises:
            SecretsError: the file can't be written, or what is there is no key file of ours.
        """
        self._write({**self._read(), name: value})

    def delete(self, name: str) -> None:
        """Take a secret out of the file.

        Raises:
            SecretsError: the file can't be written, or what is there is no key file of ours.
        """
        kept = self._read()
        if kept.pop(name, None) is not None:
            self._write(kept)

    def _read(self) -> dict[str, bytes]:
        content = read_private(self.path)
        return {} if content is None else self._parse(content)

    def _parse(self, content: bytes) -> dict[str, bytes]:
        try:
            lines = [line for line in content.decode("ascii").splitlines() if line and line[0] != "#"]
            pairs = (line.split(" ") for line in lines)
            return {name: b64decode(value, validate=True) for name, value in pairs}
        except ValueError as error:
            raise SecretsError(
                f"{self.path}: expected lines of a name and base64, as Touchline writes them"
            ) from error

    def _write(self, kept: dict[str, bytes]) -> None:
        lines = [f"{name} {b64encode(value).decode('ascii')}\n" for name, value in kept.items()]
        write_private(self.path, "".join((_HEAD, *lines)).encode("ascii"))
