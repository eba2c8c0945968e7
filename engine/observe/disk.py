"""The disk of the data folder: how much room is left, and how old the newest backup is. Looked at in a thread."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from engine.clock import NS_PER_S


class DiskWatch:
    """Looks when told to, since a disk may hang; what it found last may be read from any thread."""

    def __init__(self, data: Path, backups: Path, now_ns: Callable[[], int]) -> None:
        """Take the data folder, the folder of the account's backups, and the world's time."""
        self.free_bytes: int | None = None
        """What this user may still write; None where nothing is known."""
        self._backed_up_ns: int | None = None
        self._data = data
        self._backups = backups
        self._now_ns = now_ns

    @property
    def backup_age_s(self) -> float | None:
        """How old the newest piece of a backup is, s; None where there is none."""
        if self._backed_up_ns is None:
            return None
        return max(0, self._now_ns() - self._backed_up_ns) / NS_PER_S

    def look(self) -> None:
        """Ask the disk; what it does not tell is not known."""
        try:
            found = os.statvfs(self._data)
        except OSError:
            self.free_bytes = None
        else:
            self.free_bytes = found.f_bavail * found.f_frsize
        try:
            self._backed_up_ns = max(
                (each.stat().st_mtime_ns for each in self._backups.glob("*.manifest")), default=None
            )
        except OSError:
            self._backed_up_ns = None
