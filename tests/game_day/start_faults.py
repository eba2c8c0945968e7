"""Faults that are there before the program starts: it says what is wrong in a sentence, and starts nothing."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Final

from msgspec import Struct

from engine.messages.events import RateNoted, SessionBegan
from engine.store.segment import HEADER, name_of
from tests.game_day.page import PAGE
from tests.journals import new_journal

RECORDS: Final = 12_000
"""More than a segment of this journal holds."""
BEGIN: Final = "<!-- at the start: begin -->\n"
END: Final = "<!-- at the start: end -->\n"
HEAD: Final = "| fault | what it says | exit code | what to do |\n|---|---|---|---|\n"


class StartFault(Struct, frozen=True, kw_only=True):
    """One of them."""

    name: str
    what: str
    spoil: Callable[[Path], None]
    """Does it, in a journal's folder."""
    says: str
    code: int = 2
    do: str = "[Journal](journal.md#what-it-says-and-what-to-do)"


def keep(folder: Path) -> None:
    """Make the journal of an account that was in use."""
    with closing(new_journal(folder)) as journal:
        journal.append(SessionBegan("first", "1", 1), 1)
        for number in range(1, RECORDS):
            journal.append(RateNoted("EUR", number), number)


def _flip(folder: Path) -> None:
    path = folder / name_of(1)
    data = bytearray(path.read_bytes())
    data[HEADER.size + len(data) // 2] ^= 1
    path.write_bytes(data)


def _remove(folder: Path) -> None:
    (folder / name_of(2)).unlink()


def table() -> str:
    """Return the rows as the page has them."""
    rows = (f"| {each.what} | {each.says} | {each.code} | {each.do} |\n" for each in START_FAULTS)
    return HEAD + "".join(rows)


def told() -> str:
    """Return what the page has."""
    return PAGE.read_text(encoding="utf-8").partition(BEGIN)[2].partition(END)[0]


START_FAULTS: Final = (
    StartFault(
        name="segment-damaged",
        what="A record of the journal is damaged",
        spoil=_flip,
        says="and more was written behind it; restore from a backup with `touchline restore`",
    ),
    StartFault(
        name="segment-missing",
        what="A file of the journal is gone",
        spoil=_remove,
        says="this segment is missing",
    ),
)
