"""The journal that an older program wrote, and what a journal comes to."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from engine.replica import standalone
from engine.store.disk import FolderDisk
from engine.store.reading import Entry, JournalReader

OLD = Path(__file__).parent / "data" / "journal-schema-0"


def old_journal(data: Path, account: str = "sim") -> Path:
    """Lay the journal of schema 0 below a data folder, and return its own."""
    folder = data / "journal" / account
    folder.mkdir(parents=True, mode=0o700)
    shutil.copyfile(OLD / "00000001.tlj", folder / "00000001.tlj")
    (folder / "00000001.tlj").chmod(0o600)
    return folder


def old_fields() -> tuple[set[str], dict[str, list[str]]]:
    """Return the kinds of record of schema 0, and the fields of everything in them."""
    told = json.loads((OLD / "fields.json").read_text(encoding="utf-8"))
    return set(told["kinds"]), told["fields"]


def entries_of(folder: Path) -> list[Entry]:
    """Return every entry of a journal."""
    return list(JournalReader(FolderDisk(folder)))


def state_of(folder: Path) -> str:
    """Return the hash of the state that a journal's records make."""
    replica = standalone("USD")
    for entry in entries_of(folder):
        replica.apply(entry.record, entry.sequence, entry.time_ns)
    return replica.digest()
