"""Files with secrets in them: read only where nobody but their owner could have been at them."""

from __future__ import annotations

import fcntl
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from engine.files import whole_file
from engine.ports.secrets import SecretsError

_OTHERS = 0o077
HOLDS_A_KEY = "if somebody may have read it, rotate the key"
"""What follows where a file with a key in it was open to others."""


def read_private(path: Path, then: str = HOLDS_A_KEY) -> bytes | None:
    """Return what a file holds, or None where there is none; `then` is what to do about one that was open to others.

    Raises:
        SecretsError: it can't be read, is a link or no file, or somebody else may read or change it.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    except OSError as error:
        if path.is_symlink():
            raise SecretsError(f"{path}: it is a link; name the file itself") from error
        raise SecretsError(f"{path}: {error.strerror or error}") from error
    try:
        check_private(path, os.fstat(descriptor), then)
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            return file.read()
    finally:
        os.close(descriptor)


def write_private(path: Path, content: bytes) -> None:
    """Write a file of mode 0600, whole or not at all.

    Raises:
        SecretsError: it can't be written; what was there still is.
    """
    try:
        with whole_file(path) as file:
            file.write(content)
    except OSError as error:
        raise SecretsError(f"{path}: {error.strerror or error}") from error


@contextmanager
def only_writer(path: Path) -> Iterator[None]:
    """Keep other processes from changing a file between its reading and its writing; waits for them.

    Raises:
        SecretsError: its folder can't be opened.
    """
    try:
        folder = os.open(path.parent, os.O_RDONLY | os.O_CLOEXEC)
    except OSError as error:
        raise SecretsError(f"{path}: {error.strerror or error}") from error
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def check_private(path: Path, found: os.stat_result, then: str = HOLDS_A_KEY) -> None:
    """Refuse what is no file, or not its owner's alone; `then` is what to do besides closing it to others.

    Raises:
        SecretsError: says what to do.
    """
    if not stat.S_ISREG(found.st_mode):
        raise SecretsError(f"{path}: it is not a file")
    if found.st_uid != os.geteuid():
        raise SecretsError(f"{path}: it belongs to another user")
    if found.st_mode & _OTHERS:
        raise SecretsError(
            f"{path}: others may read or change it (mode {stat.S_IMODE(found.st_mode):04o}); "
            f"chmod 600 {path}, and {then}"
        )
