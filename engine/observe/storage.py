"""The disks that everything lies on, and the newest backup; looked at now and then, away from the engine's loop."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from engine.clock import NS_PER_S
from engine.observe.told import Points, Told


class Disk(NamedTuple):
    """The disk below one folder."""

    folder: str
    free_bytes: int
    size_bytes: int


class Storage:
    """What was found at the last look; a look may wait for a disk, reading what it found does not."""

    def __init__(self, folders: Mapping[str, Path], backups: Path) -> None:
        self._folders = folders
        self._backups = backups
        self.disks: tuple[Disk, ...] = ()
        self.backup_ns: int | None = None
        """When the newest backup was finished; None where there is none."""

    def look(self) -> None:
        """Look now; a folder that can't be read tells nothing."""
        self.disks = tuple(disk for name, path in self._folders.items() if (disk := _disk(name, path)))
        self.backup_ns = _newest_ns(self._backups)


def _disk(name: str, folder: Path) -> Disk | None:
    """Return the disk on which a folder lies, or will once it is made."""
    there = next((path for path in (folder, *folder.parents) if path.exists()), None)
    if there is None:
        return None
    try:
        usage = shutil.disk_usage(there)
    except OSError:
        return None
    return Disk(name, usage.free, usage.total)


def _newest_ns(backups: Path) -> int | None:
    """Return when the newest piece was finished: its manifest is written last."""
    newest: int | None = None
    with suppress(OSError):
        for manifest in backups.glob("*.manifest"):
            newest = max(newest or 0, manifest.stat().st_mtime_ns)
    return newest


class Moment(NamedTuple):
    """What was found, and when that is read."""

    storage: Storage
    now_ns: int


def _backup_age(moment: Moment) -> Points:
    made_ns = moment.storage.backup_ns
    return () if made_ns is None else (((), max(0, moment.now_ns - made_ns) / NS_PER_S),)


STORAGE_METRICS: tuple[Told[Moment], ...] = (
    Told(
        "touchline_disk_free_bytes",
        "gauge",
        "What is free on the disk that a folder lies on.",
        ("folder",),
        lambda moment: (((disk.folder,), disk.free_bytes) for disk in moment.storage.disks),
    ),
    Told(
        "touchline_disk_size_bytes",
        "gauge",
        "How large the disk is that a folder lies on.",
        ("folder",),
        lambda moment: (((disk.folder,), disk.size_bytes) for disk in moment.storage.disks),
    ),
    Told(
        "touchline_backup_age_seconds",
        "gauge",
        "How long ago the newest backup of the account was finished.",
        (),
        _backup_age,
    ),
)
