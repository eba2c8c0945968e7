"""Removes what has had its time; what is in use stays, and so does what can't be removed, which is told."""

from __future__ import annotations

import shutil
from typing import NamedTuple

from engine.config import Settings
from engine.errors import EngineError
from engine.folders import Folders
from engine.messages.events import AlertRaised, Severity
from engine.observe.logs import begun_ns, log_file
from engine.retention import Item, Kept, Kind, what_is_kept
from engine.rooms import Rooms
from engine.security.audit.entry import Act
from engine.store.disk import FolderDisk


class Swept(NamedTuple):
    """What was removed of one kind."""

    kind: Kind
    days: int
    items: tuple[Item, ...]
    failure: str
    """Why something of it could not be removed; empty where nothing was in the way."""

    @property
    def bytes(self) -> int:
        """How much it was."""
        return sum(item.bytes for item in self.items)


def sweep(folders: Folders, settings: Settings, now_ns: int) -> list[Swept]:
    """Remove what is older than its kind may become; return the kinds of which something went or could not go."""
    swept = (_swept(kept, now_ns) for kept in what_is_kept(folders, settings))
    return [each for each in swept if each.items or each.failure]


def tell_swept(rooms: Rooms, swept: Swept) -> None:
    """Write down what went, and let a person hear of what could not go."""
    if swept.items and rooms.audit is not None:
        what = f"{len(swept.items):,} removed, {swept.bytes:,} bytes"
        rule = f"older than {swept.days} days"
        rooms.audit.note(
            Act(
                who="touchline",
                what="retention",
                origin="engine",
                subject=swept.kind,
                before=rule,
                after=what,
            )
        )
    if swept.failure:
        text = f"{swept.kind}: something is older than it may become, and can't be removed: {swept.failure}"
        now_ns = rooms.account_clock.now_ns()
        rooms.bus.publish(AlertRaised(Severity.WARNING, "retention", text, now_ns))


def _swept(kept: Kept, now_ns: int) -> Swept:
    gone, failure = list[Item](), ""
    for item in kept.over(now_ns):
        try:
            _remove(item)
        except FileNotFoundError:
            continue  # another desk was here
        except (EngineError, OSError) as error:
            failure = str(error)
        else:
            gone.append(item)
    if kept.kind is Kind.LOGS and kept.days:
        failure = _begin_log_anew(kept, now_ns) or failure
    return Swept(kept.kind, kept.days, tuple(gone), failure)


def _begin_log_anew(kept: Kept, now_ns: int) -> str:
    """Move a log aside where its first line has had half of its time; return why it could not be done."""
    for path in (item.path for item in kept.items if item.path.suffix == ".log" and item.path.exists()):
        try:
            if begun_ns(path) < now_ns - kept.stays_ns:
                log_file(path).move_aside()
        except OSError as error:
            return str(error)
    return ""


def _remove(item: Item) -> None:
    """Remove a file, or a folder that nobody writes to.

    Raises:
        JournalError: somebody does, or it is not safe to use.
        OSError: it can't be removed.
    """
    if not item.path.is_dir() or item.path.is_symlink():
        if item.path.lstat().st_mtime_ns <= item.last_ns:  # else it is another one by now
            item.path.unlink()
        return
    disk = FolderDisk(item.path)
    disk.hold()
    try:
        shutil.rmtree(item.path)
    finally:
        disk.release()
