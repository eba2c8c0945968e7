"""Models in the backups' folder: the versions and how they stand, sealed with the same keys as the accounts."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple

from engine.clock import Clock
from engine.config import BackupSettings
from engine.duties.model_moves import AuditedEnd
from engine.folders import Folders
from engine.signals.models.refusal import ModelRefused
from engine.signals.registry.copying import Copied, PutBack, copy_registry, put_back
from engine.signals.registry.event_store import FILE, unproven_events
from engine.signals.registry.folder import FOLDER
from engine.signals.registry.witness import check_reaches
from engine.signals.serving.figures_copying import copy_figures, put_figures_back
from engine.store.backup.archive import Archived, Archives, Unpacked
from engine.store.backup.errors import BackupError
from engine.store.backup.target import as_utc
from engine.store.key_ring import KeyRing

__all__ = ("Copied", "ModelBackups", "PutBack", "Restored", "Taken")

_BUT_WHAT: Final = "; the accounts are backed up, models are not"


class Taken(NamedTuple):
    """What came of backing models up."""

    copied: Copied
    archive: Archived
    figures: tuple[str, ...]
    """Whose kept figures are in it, by file."""


class Restored(NamedTuple):
    """What came of putting them back."""

    back: PutBack
    archive: Unpacked
    figures: tuple[str, ...]
    """Those that were missing, or could not be read."""


class ModelBackups:
    """The models of one data folder, and their archives beside the accounts' backups."""

    def __init__(self, folders: Folders, where: Path, options: BackupSettings, clock: Clock) -> None:
        self._data = folders.data
        self._archives = Archives(where, FOLDER)
        self._keep = options.keep
        self._clock = clock

    def take(self, keys: KeyRing) -> Taken | None:
        """Archive the models as they stand, where that is another state than the last one; None where there are none.

        Raises:
            BackupError: they can't be read, are not all that the audit log tells of, or the archive can't be written.
        """
        with self._scratch() as scratch:
            try:
                copied = copy_registry(self._data, scratch)
                check_reaches(unproven_events(scratch / FILE), AuditedEnd(self._data)())
            except (ModelRefused, OSError) as error:
                raise BackupError(f"{error}{_BUT_WHAT}") from error
            if not any(scratch.iterdir()):
                return None
            figures = copy_figures(self._data, scratch)
            return Taken(copied, self._archives.take(scratch, keys, self._keep), figures)

    def restore(self, keys: KeyRing) -> Restored | None:
        """Put back what is missing or damaged; None where no models were backed up.

        Raises:
            BackupError: no archive opens whole, or something can't be written.
        """
        if not self._archives.names():
            return None
        with self._scratch() as scratch:
            unpacked = self._archives.unpack(keys, scratch)
            try:
                aside = self._aside()
                figures = put_figures_back(scratch, self._data, aside)
                return Restored(put_back(scratch, self._data, aside), unpacked, figures)
            except (ModelRefused, OSError) as error:
                raise BackupError(f"models: {error}") from error

    def drill(self, keys: KeyRing) -> Unpacked | None:
        """Open the newest archive into a folder that is thrown away; None where no models were backed up.

        Raises:
            BackupError: it does not open whole.
        """
        if not self._archives.names():
            return None
        with self._scratch() as scratch:
            unpacked = self._archives.unpack(keys, scratch)
        if unpacked.passed_over:
            raise BackupError(unpacked.passed_over[0])
        return unpacked

    @contextmanager
    def _scratch(self) -> Iterator[Path]:
        path = Path(tempfile.mkdtemp(prefix="touchline-models-"))
        try:
            yield path
        finally:
            shutil.rmtree(path, ignore_errors=True)

    def _aside(self) -> Path:
        now = as_utc(self._clock.now_ns()).replace(":", "").replace("-", "")
        return self._data / f"{FOLDER}.before-restore-{now}"
