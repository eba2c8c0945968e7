"""Moves a restored account to where the desk looks for it; what was there is moved aside, never overwritten."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain, count
from pathlib import Path
from typing import NamedTuple

from engine.clock import Clock
from engine.errors import JournalError
from engine.files import sync_folder, whole_file
from engine.store.backup.errors import BackupError
from engine.store.backup.marker import MARKER
from engine.store.backup.restore import Restored
from engine.store.backup.source import CONFIG
from engine.store.backup.target import as_utc
from engine.store.disk import FolderDisk

BESIDE = ".restored"
"""Ends the name of a settings file that was laid beside one that differs."""


class Placed(NamedTuple):
    """Where everything went."""

    moved_aside: Path | None
    """The journal that was there."""
    config: tuple[Path, ...]
    """The settings files that were written."""


def put_in_place(restored: Restored, scratch: Path, journal: Path, config: Path, clock: Clock) -> Placed:
    """Move a restored folder to the journal's place, and put settings back that are missing.

    Raises:
        BackupError: a desk is running on the journal, or something can't be moved.
    """
    now = as_utc(clock.now_ns())
    try:
        with _nobody_writes(journal):
            written = _put_config(scratch / CONFIG, config)
            shutil.rmtree(scratch / CONFIG, ignore_errors=True)
            moved = _free_name(journal, now) if journal.exists() else None
            _mark(scratch, restored, now, moved)
            _sync_all(scratch)
            _exchange(scratch, journal, moved)
    except OSError as error:
        raise BackupError(f"{journal}: {error.strerror or error}") from error
    return Placed(moved, written)


def _free_name(journal: Path, now: str) -> Path:
    name = f"{journal.name}.before-restore-{now.replace(':', '').replace('-', '')}"
    names = map(journal.with_name, chain((name,), (f"{name}-{number}" for number in count(2))))
    return next(path for path in names if not path.exists())


def _exchange(scratch: Path, journal: Path, aside: Path | None) -> None:
    if aside is not None:
        journal.rename(aside)
    try:
        scratch.rename(journal)
    except OSError:
        if aside is not None:
            aside.rename(journal)
        raise
    sync_folder(journal.parent)


@contextmanager
def _nobody_writes(journal: Path) -> Iterator[None]:
    if not journal.exists():
        yield
        return
    disk = FolderDisk(journal)
    try:
        disk.hold()
    except JournalError as error:
        raise BackupError(str(error)) from error
    try:
        yield
    finally:
        disk.release()


def _put_config(kept: Path, config: Path) -> tuple[Path, ...]:
    """Write each file that is missing, and beside its name each that differs."""
    written: list[Path] = []
    for path in sorted(kept.rglob("*.toml")):
        there = config / path.relative_to(kept)
        content = path.read_bytes()
        if there.exists():
            if there.read_bytes() == content:
                continue
            there = there.with_name(there.name + BESIDE)
        there.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with whole_file(there) as file:
            file.write(content)
        written.append(there)
    return tuple(written)


def _mark(scratch: Path, restored: Restored, now: str, moved: Path | None) -> None:
    told = {
        "restored_at": now,
        "last_sequence": restored.last_sequence,
        "last_record_at": as_utc(restored.last_ns),
        "last_record_ns": restored.last_ns,
        "base": restored.base,
        "tip": restored.tip,
        "passed_over": restored.passed_over,
        "moved_aside": str(moved) if moved is not None else None,
    }
    with whole_file(scratch / MARKER) as file:
        file.write(json.dumps(told, indent=2).encode() + b"\n")


def _sync_all(folder: Path) -> None:
    for path in folder.iterdir():
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    sync_folder(folder)
