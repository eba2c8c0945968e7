"""Secrets in a file of their owner's, by explicit choice: for hosts without a keyring, and for safe keeping."""

from __future__ import annotations

import os
import stat
from base64 import b64decode, b64encode
from pathlib import Path

from engine.files import whole_file
from engine.ports.secrets import SecretsError

_HEAD = "# Secrets of Touchline: whoever has this file can read what they protect.\n"
_OTHERS = 0o077


class KeyFile:
    """Keeps secrets as lines of name and base64, in a file that only its owner may read."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @property
    def place(self) -> str:
        """The file."""
        return f"the key file {self._path}"

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
        try:
            descriptor = os.open(self._path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except FileNotFoundError:
            return {}
        except OSError as error:
            if self._path.is_symlink():
                raise self._refused("it is a link; name the file itself") from error
            raise self._refused(error.strerror or str(error)) from error
        try:
            self._check_ours(os.fstat(descriptor))
            with os.fdopen(descriptor, "rb", closefd=False) as file:
                return self._parse(file.read())
        finally:
            os.close(descriptor)

    def _check_ours(self, found: os.stat_result) -> None:
        if not stat.S_ISREG(found.st_mode):
            raise self._refused("it is not a file")
        if found.st_uid != os.geteuid():
            raise self._refused("it belongs to another user")
        if found.st_mode & _OTHERS:
            raise self._refused(
                f"others may read or change it (mode {stat.S_IMODE(found.st_mode):04o}); "
                f"chmod 600 {self._path}, and if somebody may have read it, rotate the key"
            )

    def _parse(self, content: bytes) -> dict[str, bytes]:
        try:
            lines = [line for line in content.decode("ascii").splitlines() if line and line[0] != "#"]
            pairs = (line.split(" ") for line in lines)
            return {name: b64decode(value, validate=True) for name, value in pairs}
        except ValueError as error:
            raise self._refused("expected lines of a name and base64, as Touchline writes them") from error

    def _write(self, kept: dict[str, bytes]) -> None:
        lines = [f"{name} {b64encode(value).decode('ascii')}\n" for name, value in kept.items()]
        try:
            with whole_file(self._path) as file:
                file.write("".join((_HEAD, *lines)).encode("ascii"))
        except OSError as error:
            raise self._refused(error.strerror or str(error)) from error

    def _refused(self, reason: str) -> SecretsError:
        return SecretsError(f"{self._path}: {reason}")
