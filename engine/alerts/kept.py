"""What outlives the program of its alerts, in a small file: written in a thread, so that nothing waits for a disk."""

from __future__ import annotations

import os
import stat
import threading
from pathlib import Path
from typing import Final

import msgspec

from engine.alerts.alarms import AlarmsKept
from engine.errors import DataError
from engine.files import whole_file
from engine.model.undecodable import UNDECODABLE

_BYTES_MAX: Final = 1 << 20
_FLAGS: Final = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
_decode = msgspec.json.Decoder(AlarmsKept).decode
_encode = msgspec.json.Encoder().encode


def alarms_path(folder: Path) -> Path:
    """Return the file that keeps the alerts of the account with this journal, and who answered them: beside it."""
    return folder.with_name(f"{folder.name}.alerts.json")


class AlarmsFile:
    """Keeps the newest that it was given; one write at a time, what comes meanwhile replaces what waits."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.failure = ""
        """Why the file could not be written when that was last tried; empty when it was."""
        self._lock = threading.Lock()
        self._waiting: AlarmsKept | None = None
        self._thread: threading.Thread | None = None

    def read(self) -> AlarmsKept:
        """Return what an earlier session left; nothing where there is no file.

        Raises:
            DataError: it can't be read; it is set aside, and says where.
        """
        try:
            return _decode(_content(self.path))
        except FileNotFoundError:
            return AlarmsKept()
        except (OSError, DataError, *UNDECODABLE) as error:
            why = (error.strerror if isinstance(error, OSError) else "") or str(error)
            raise DataError(f"{self.path.name} can't be read ({why}): {self._set_aside()}") from error

    def keep(self, kept: AlarmsKept) -> None:
        """Have this written soon."""
        with self._lock:
            self._waiting = kept
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="touchline-alarms", daemon=True)
                self._thread.start()

    def close(self, timeout_s: float = 2.0) -> None:
        """Wait for what is not written yet, as long as a disk may be waited for."""
        thread = self._thread
        if thread is not None:
            thread.join(timeout_s)

    def _run(self) -> None:
        while True:
            with self._lock:
                kept, self._waiting = self._waiting, None
                if kept is None:
                    self._thread = None
                    return
            try:
                with whole_file(self.path) as file:
                    file.write(_encode(kept) + b"\n")
            except OSError as error:
                self.failure = f"{self.path}: {error.strerror or error}"
            else:
                self.failure = ""

    def _set_aside(self) -> str:
        aside = self.path.with_name(f"{self.path.name}.damaged")
        try:
            self.path.replace(aside)
        except OSError as error:
            return f"it stays where it is, {error.strerror or error}"
        return f"it is {aside.name} now, and what was acknowledged or silenced is forgotten"


def _content(path: Path) -> bytes:
    with os.fdopen(os.open(path, _FLAGS), "rb") as file:
        found = os.fstat(file.fileno())
        if not stat.S_ISREG(found.st_mode) or found.st_uid != os.geteuid():
            raise DataError("expected a file of our own")
        return file.read(_BYTES_MAX)
