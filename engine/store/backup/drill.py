"""A drill: restores the newest state into a folder that is thrown away, replays it, and measures both."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from msgspec import Struct

from engine.clock import NS_PER_S, Clock
from engine.errors import EngineError
from engine.store.backup.errors import BackupError
from engine.store.backup.folder import BackupFolder
from engine.store.backup.keys import KeyRing
from engine.store.backup.restore import Restored, restore_to
from engine.store.backup.target import Target, as_utc

Verify = Callable[[Path], str]
"""Replays the journal of a folder and returns the hash of the state it leads to."""


class Drill(Struct, frozen=True):
    """What a drill found."""

    mode: str
    last_sequence: int
    last_record_at: str
    recovery_time_s: float
    """From nothing to a replayed state."""
    recovery_point_s: float
    """How old the last record was as the drill began: what would be lost if only the backup were left."""
    base: str
    tip: str
    state: str
    """The hash of the state."""


def drill(folder: BackupFolder, keys: KeyRing, verify: Verify, clock: Clock) -> Drill:
    """Restore, replay and measure; nothing of the desk's own files is touched.

    Raises:
        BackupError: the backup can't be restored whole, or what is restored can't be replayed.
    """
    now_ns, begun_ns = clock.now_ns(), clock.monotonic_ns()
    scratch = Path(tempfile.mkdtemp(prefix="touchline-drill-"))
    try:
        restored = restore_to(folder, keys, Target(), scratch / folder.mode, lambda _done, _total: None)
        state = _replayed(verify, scratch / folder.mode)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    taken_ns = clock.monotonic_ns() - begun_ns
    return _found(folder.mode, restored, state, taken_ns, now_ns - restored.last_ns)


def _replayed(verify: Verify, journal: Path) -> str:
    try:
        return verify(journal)
    except BackupError:
        raise
    except EngineError as error:
        raise BackupError(f"the backup opens, but what it holds can't be replayed: {error}") from error


def _found(mode: str, restored: Restored, state: str, taken_ns: int, age_ns: int) -> Drill:
    return Drill(
        mode=mode,
        last_sequence=restored.last_sequence,
        last_record_at=as_utc(restored.last_ns),
        recovery_time_s=round(taken_ns / NS_PER_S, 3),
        recovery_point_s=round(age_ns / NS_PER_S, 3),
        base=restored.base,
        tip=restored.tip,
        state=state,
    )
