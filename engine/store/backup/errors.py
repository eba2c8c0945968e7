"""What can be wrong with a backup, by what the person can do about it."""

from __future__ import annotations

from engine.errors import EngineError


class BackupError(EngineError):
    """It could not be made, read or restored; the message says what was found."""


class WrongKey(BackupError):
    """It was sealed with a key that is not at hand."""


class DamagedBackup(BackupError):
    """A file of it is not what was written: changed, cut short, swapped or missing."""
