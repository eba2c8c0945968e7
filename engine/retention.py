"""What is kept, by kind: where it lies, how much it is, and how long it stays."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from typing import Final, NamedTuple

from engine.clock import NS_PER_S
from engine.config import Settings
from engine.folders import Folders
from engine.security.audit.log import NAME as AUDIT
from engine.settings.retention import RetentionSettings
from engine.signals.registry.event_store import FILE as EVENTS
from engine.signals.registry.folder import FOLDER as MODELS

DAY_NS: Final = 86_400 * NS_PER_S
_ASIDE: Final = re.compile(
    r"(.+)(-until-[0-9a-z]+|\.(?:before-restore|schema-\d+)-[0-9TZ]+(-\d+)?)(\.[a-z]+\.jsonl?)?"
)
_OF_ACCOUNT: Final = re.compile(r".+(\.sqlite3(-wal|-shm)?|\.resume\.json)")
_OF_MODELS: Final = frozenset({MODELS, EVENTS, f"{EVENTS}-journal"})


class Kind(StrEnum):
    """The kinds of data, in the order of what they are worth."""

    ACCOUNTS = "accounts"
    AUDIT = "audit log"
    SIGN_IN = "operators"
    MODELS = "models"
    BACKUPS = "backups"
    ASIDE = "set aside"
    REPLAYS = "replays"
    LOGS = "logs"
    CACHE = "cache"
    OTHER = "other"


class Item(NamedTuple):
    """A file, or a folder with all that is in it."""

    path: Path
    files: int
    bytes: int
    first_ns: int
    """When the oldest file of it was last written."""
    last_ns: int
    """When the newest one was."""


class Kept(NamedTuple):
    """What there is of one kind."""

    kind: Kind
    days: int
    """Days after its last change when an item is removed; 0 for never."""
    items: tuple[Item, ...]

    @property
    def stays_ns(self) -> int:
        """How long an item stays after its last change; 0 for ever.

        A line of the log is half of its time in the file that is written, and half of it in one that is aside.
        """
        return self.days * DAY_NS // (2 if self.kind is Kind.LOGS else 1)

    @property
    def until_ns(self) -> int:
        """The moment from which something of it is removed; 0 for never."""
        if not self.days or not self.items:
            return 0
        return min(item.last_ns for item in self.items) + self.stays_ns

    def over(self, now_ns: int) -> Iterator[Item]:
        """Yield what has had its time."""
        if self.days:
            yield from (item for item in self.items if item.last_ns < now_ns - self.stays_ns)


def days_of(kind: Kind, settings: RetentionSettings) -> int:
    """Return after how many days a kind is removed; 0 for never."""
    days = {
        Kind.ASIDE: settings.set_aside_days,
        Kind.REPLAYS: settings.replays_days,
        Kind.LOGS: settings.logs_days,
        Kind.CACHE: settings.cache_days,
    }
    return max(0, days.get(kind, 0))


def what_is_kept(folders: Folders, settings: Settings) -> list[Kept]:
    """Return every kind of data; each file in the folders is of exactly one."""
    found: dict[Kind, list[Item]] = defaultdict(list)
    for kind, path in _found(folders, settings):
        with suppress(FileNotFoundError):  # it went while it was looked at
            found[kind].append(_item(path))
    return [Kept(kind, days_of(kind, settings.retention), tuple(found[kind])) for kind in Kind]


def _found(folders: Folders, settings: Settings) -> Iterator[tuple[Kind, Path]]:
    journals, told = folders.data / "journal", settings.backup.folder
    backups = Path(told).expanduser() if told else folders.data / "backups"
    yield from ((_kind_of_journal(path), path) for path in _in(journals))
    yield from ((Kind.BACKUPS, path) for path in _in(backups))
    for kind, place in ((Kind.LOGS, folders.logs), (Kind.CACHE, folders.cache)):
        yield from ((kind, path) for path in sorted(place.rglob("*")) if not path.is_dir())
    apart = {journals, backups, folders.logs, folders.cache, folders.config}
    yield from ((_kind_in_data(path, folders), path) for path in _in(folders.data) if path not in apart)


def _kind_of_journal(path: Path) -> Kind:
    """Return what lies among the journals; an account whose name only looks set aside has no other in its place."""
    if path.name.startswith("replay-"):
        return Kind.REPLAYS
    aside = _ASIDE.fullmatch(path.name)
    return Kind.ASIDE if aside is not None and path.with_name(aside[1]).is_dir() else Kind.ACCOUNTS


def _kind_in_data(path: Path, folders: Folders) -> Kind:
    if path.name == AUDIT:
        return Kind.AUDIT
    if path.name.startswith((folders.operators.name, folders.revocations.name)):
        return Kind.SIGN_IN
    if path.name in _OF_MODELS:
        return Kind.MODELS
    return Kind.ACCOUNTS if _OF_ACCOUNT.fullmatch(path.name) else Kind.OTHER


def _in(folder: Path) -> list[Path]:
    return sorted(folder.iterdir()) if folder.is_dir() else []


def _item(path: Path) -> Item:
    """Measure a file or a folder; links are looked at, not followed.

    Raises:
        FileNotFoundError: it is no longer there.
    """
    is_folder = path.is_dir() and not path.is_symlink()
    inside = [each for each in path.rglob("*") if not each.is_dir()] if is_folder else []
    found = [each.lstat() for each in inside or (path,)]
    times = [each.st_mtime_ns for each in found]
    return Item(path, len(inside) or 1, sum(each.st_size for each in found), min(times), max(times))
