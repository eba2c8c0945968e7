"""A drill: restores the newest state into a folder that is thrown away, replays and compares it, and measures both."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

from msgspec import Struct

from engine.clock import NS_PER_S, Clock
from engine.errors import EngineError
from engine.store.backup.chain import chains_of
from engine.store.backup.errors import BackupError
from engine.store.backup.folder import BackupFolder
from engine.store.backup.manifest import Manifest, StateProof
from engine.store.backup.restore import Restored, restore_to
from engine.store.backup.span import span_after
from engine.store.backup.target import Target, as_utc
from engine.store.key_ring import KeyRing

DRILLED: Final = "backup-drilled"
"""What the audit log calls it."""
Verify = Callable[[Path], StateProof]
"""Replays every record of the journal in a folder and returns the state it leads to."""


class Drill(Struct, frozen=True):
    """What a drill found."""

    mode: str
    last_sequence: int
    last_record_at: str
    recovery_time_s: float
    """From nothing to a replayed state."""
    recovery_point_s: float
    """How long ago the newest piece was made: what was recorded since then would be lost."""
    records_behind: int | None
    """How many records that is; None if the journal is not there or is not the one that was backed up."""
    base: str
    tip: str
    state: str
    """The hash of the state."""
    proven: bool
    """Whether it is the one that was noted when the newest piece was made; false where none can be compared."""


def drill(folder: BackupFolder, keys: KeyRing, journal: Path, verify: Verify, clock: Clock) -> Drill:
    """Restore, replay and measure; nothing of the desk's own files is touched.

    Raises:
        BackupError: the backup can't be restored whole, or what is restored can't be replayed or is another state.
    """
    now_ns, begun_ns = clock.now_ns(), clock.monotonic_ns()
    scratch = Path(tempfile.mkdtemp(prefix="touchline-drill-"))
    try:
        restored = restore_to(folder, keys, Target(), scratch / folder.mode, lambda _done, _total: None)
        state = _replayed(verify, scratch / folder.mode)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return Drill(
        mode=folder.mode,
        last_sequence=restored.last_sequence,
        last_record_at=as_utc(restored.last_ns),
        recovery_time_s=round((clock.monotonic_ns() - begun_ns) / NS_PER_S, 3),
        recovery_point_s=round((now_ns - restored.made_ns) / NS_PER_S, 3),
        records_behind=_behind(chains_of(folder, keys)[-1].tip, journal),
        base=restored.base,
        tip=restored.tip,
        state=state.digest,
        proven=_compared(state, restored),
    )


def _compared(state: StateProof, restored: Restored) -> bool:
    noted = restored.proof
    if not noted.digest or noted.by != state.by:
        return False
    if noted.digest != state.digest:
        raise BackupError(
            f"{restored.tip}: its records lead to the state {state.digest}, but the account was {noted.digest} "
            "when it was backed up: take a new base with `touchline backup --base`, and drill again"
        )
    return True


def _behind(tip: Manifest, journal: Path) -> int | None:
    if not journal.is_dir():
        return None
    span = span_after(journal, tip.last_sequence, tip.last_record)
    return span.records if span is not None else None


def _replayed(verify: Verify, journal: Path) -> StateProof:
    try:
        return verify(journal)
    except BackupError:
        raise
    except EngineError as error:
        raise BackupError(f"the backup opens, but what it holds can't be replayed: {error}") from error
