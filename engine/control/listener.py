"""The socket that a desk listens on: its owner's alone, one desk a folder, what a dead desk left replaced."""

from __future__ import annotations

import contextlib
import fcntl
import os
import socket
from pathlib import Path
from typing import Self

from engine.errors import EngineError

BACKLOG = 64


class Listener:
    """A listening socket, and the lock that says its desk lives; the kernel drops the lock with the process."""

    __slots__ = ("_lock", "path", "socket")

    def __init__(self, path: Path, lock: int) -> None:
        self.path = path
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._lock = lock

    @classmethod
    def open(cls, path: Path) -> Self:
        """Begin to listen.

        Raises:
            EngineError: another desk listens there, or the folder is not ours alone; says which.
        """
        try:
            own_folder(path.parent)
            listener = cls(path, _taken(path.with_suffix(".lock")))
            try:
                listener._bind()
            except OSError:
                listener.close()
                raise
        except OSError as error:
            raise EngineError(f"{path}: other shells can't reach this desk: {error}") from error
        return listener

    def close(self) -> None:
        """Stop listening, and let the next desk."""
        self.socket.close()
        with contextlib.suppress(OSError):
            self.path.unlink(missing_ok=True)
        os.close(self._lock)

    def _bind(self) -> None:
        self.path.unlink(missing_ok=True)  # whoever holds the lock knows that nobody listens there
        self.socket.bind(os.fspath(self.path))
        self.path.chmod(0o600)
        self.socket.listen(BACKLOG)
        self.socket.setblocking(False)


def own_folder(folder: Path) -> None:
    """Make a folder that only its owner may enter, or see that it is one.

    Raises:
        EngineError: it is somebody else's, or a link.
        OSError: it can't be made.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if folder.is_symlink() or folder.stat().st_uid != os.geteuid():
        raise EngineError(f"{folder}: expected a folder of our own, found somebody else's, or a link")
    folder.chmod(0o700)


def _taken(path: Path) -> int:
    """Lock a file and write our process into it; return its descriptor."""
    lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        pid = os.read(lock, 20).decode("ascii", "replace").strip()
        os.close(lock)
        raise EngineError(
            f"another desk (process {pid}) listens beside {path}: "
            "what another shell says reaches that one, not this one"
        ) from None
    os.ftruncate(lock, 0)
    os.write(lock, b"%d\n" % os.getpid())
    return lock
