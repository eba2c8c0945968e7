"""Journals in tests: made in a folder, and read back while they are written."""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct

from engine.store.disk import FolderDisk
from engine.store.journal import SegmentJournal, open_journal
from engine.store.reading import JournalReader

SMALL = 256 * 1024


def new_journal(folder: Path) -> SegmentJournal:
    """Return a journal in a folder, durable when a killed process would not lose a record."""
    return open_journal(folder, "process", segment_bytes=SMALL)


def records_of(folder: Path) -> list[Struct]:
    """Return every record of a journal, oldest first."""
    return [entry.record for entry in JournalReader(FolderDisk(folder))]


def kinds_of(folder: Path) -> list[str]:
    """Return the names of the kinds of records that are about orders, oldest first."""
    return [kind for record in records_of(folder) if (kind := type(record).__name__) not in _ABOUT_NO_ORDER]


_ABOUT_NO_ORDER = {"InstrumentListed", "RateNoted", "SessionBegan", "SessionEnded"}
