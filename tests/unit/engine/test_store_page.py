"""The page about the journal says what the code does."""

from __future__ import annotations

from pathlib import Path

import engine
import engine.risk
import engine.store
from engine.store.journal import PROCESS_PAUSE_S, SLOW_AFTER_S
from engine.store.segment import FRAME, HEADER, MAGIC, SCHEMA_VERSION, SEGMENT_BYTES
from tests.documented import code, page, rows, section

PAGE = page("docs/journal.md")


def test_every_message_that_the_page_explains_is_one_that_the_journal_says() -> None:
    rooms = (engine, engine.store, engine.risk)
    sources = "".join(
        path.read_text(encoding="utf-8") for room in rooms for path in Path(room.__path__[0]).glob("*.py")
    )
    told = [code(row[0]) for row in rows(section(PAGE, "## What it says, and what to do"))]
    assert len(told) > 10
    assert [message for message in told if message not in sources] == []


def test_the_layout_on_the_page_is_that_of_the_files() -> None:
    layout = section(PAGE, "## Layout")
    sizes = [int(size.split()[0]) for size, *_ in rows(layout) if size.endswith("bytes")]
    assert sum(sizes) == HEADER.size + FRAME.size
    assert f"| header, {HEADER.size} bytes |" in layout
    assert f"| record, {FRAME.size} bytes and its payload |" in layout
    assert MAGIC.decode() in layout
    assert f"version of the layout: {SCHEMA_VERSION}" in layout
    assert f"segments of {SEGMENT_BYTES // 1048576} MiB" in layout


def test_the_times_on_the_page_are_those_of_the_code() -> None:
    assert f"the last {PROCESS_PAUSE_S * 1000:.0f} ms" in PAGE
    assert f"longer than {SLOW_AFTER_S * 1000:.0f} ms" in PAGE
