"""Restores an account as it was at a record or a moment, into a folder of its own; `place.py` moves it in."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import NamedTuple

from engine.errors import FileDataError, JournalError
from engine.store.backup.chain import chains_of
from engine.store.backup.errors import BackupError, DamagedBackup
from engine.store.backup.folder import BackupFolder, Piece
from engine.store.backup.manifest import Manifest, StateProof
from engine.store.backup.source import SNAPSHOT
from engine.store.backup.span import time_of
from engine.store.backup.spread import spread
from engine.store.backup.take import Progress
from engine.store.backup.target import Target, candidates
from engine.store.disk import FolderDisk
from engine.store.key_ring import KeyRing
from engine.store.scan import Scan
from engine.store.segment import name_of, number_of


class Restored(NamedTuple):
    """What was restored."""

    last_sequence: int
    last_ns: int
    base: str
    """The piece it began with."""
    tip: str
    """The piece it ended with."""
    made_ns: int
    """When that piece was made: everything up to then is in it."""
    passed_over: tuple[str, ...]
    """What was wrong with newer pieces that hold the point too."""
    proof: StateProof
    """The state after the last record of that piece, as it was noted then."""


def restore_to(
    folder: BackupFolder, keys: KeyRing, target: Target, into: Path, progress: Progress
) -> Restored:
    """Write an account as it was into a new folder, every record checked; settings go below `config/` there.

    Raises:
        BackupError: there is no such point in the backup, or it can't be restored whole; nothing is left of it.
    """
    problems: list[BackupError] = []
    for chain in candidates(chains_of(folder, keys), target, str(folder.path)):
        pieces = target.pieces_of(chain)
        _make(into)
        try:
            last, last_ns = _restore(folder, pieces, keys, target, into, progress)
        except (BackupError, OSError) as error:
            shutil.rmtree(into, ignore_errors=True)
            if isinstance(error, OSError):
                raise BackupError(f"{into}: {error.strerror or error}") from error
            problems.append(error)
        else:
            base, tip = pieces[0].manifest, pieces[-1].manifest
            told = tuple(map(str, problems))
            return Restored(last, last_ns, base.data_name, tip.data_name, tip.made_ns, told, tip.proof)
    raise problems[0]


def _make(into: Path) -> None:
    try:
        into.mkdir(mode=0o700, parents=True)
    except OSError as error:
        raise BackupError(f"{into}: {error.strerror or error}") from error


def _restore(
    folder: BackupFolder,
    pieces: tuple[Piece, ...],
    keys: KeyRing,
    target: Target,
    into: Path,
    progress: Progress,
) -> tuple[int, int]:
    total = sum(extent.length for piece in pieces for extent in piece.manifest.extents)
    done = 0
    for piece in pieces:
        for written in spread(folder.data(piece, keys), piece.manifest, into):
            done += written
            progress(done, total)
    return _cut(into, target, pieces[-1].manifest)


def _cut(into: Path, target: Target, tip: Manifest) -> tuple[int, int]:
    """Check every record up to the point, and remove what is behind it; return the last one and its time."""
    disk = FolderDisk(into)
    scan = Scan(disk)
    segment = end = last = last_ns = 0
    try:
        for sequence, payload in scan:
            time_ns = time_of(payload)
            if target.leaves_out(sequence, time_ns):
                _remove_behind(disk, segment, end)
                break
            segment, end, last, last_ns = scan.segment, scan.end, sequence, time_ns
        else:
            if scan.torn_bytes or last != tip.last_sequence:
                raise DamagedBackup(
                    f"{tip.data_name}: its records end at {last}, expected {tip.last_sequence}"
                )
    except (FileDataError, JournalError) as error:
        raise DamagedBackup(f"what was restored is no whole journal: {error}") from error
    _remove_snapshots(disk, last)
    return last, last_ns


def _remove_behind(disk: FolderDisk, segment: int, end: int) -> None:
    for name in disk.names():
        if number_of(name) > segment:
            disk.remove(name)
    os.truncate(disk.path / name_of(segment), end)


def _remove_snapshots(disk: FolderDisk, last: int) -> None:
    for name in disk.names():
        if name.endswith(SNAPSHOT) and int(name.removesuffix(SNAPSHOT)) > last:
            disk.remove(name)
