"""What a restore leaves beside the segments: the first start on them says so."""

from __future__ import annotations

import msgspec
from msgspec import Struct

from engine.errors import JournalError
from engine.model.undecodable import UNDECODABLE
from engine.store.disk import Disk

MARKER = "restored.json"
"""Beside the segments: what was restored and when. The broker knows more than such a journal."""


class _Told(Struct):
    restored_at: str
    last_sequence: int


def restored_at(disk: Disk, sequence: int) -> str:
    """Return when a journal that ends with this record was restored; empty where records came since, or it never was."""
    if MARKER not in disk.names():
        return ""
    try:
        told = msgspec.json.decode(disk.read(MARKER), type=_Told)
    except (OSError, JournalError, *UNDECODABLE):  # it only tells; the journal is whole without it
        return ""
    return told.restored_at if told.last_sequence == sequence else ""
