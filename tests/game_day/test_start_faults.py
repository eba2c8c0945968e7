"""The real program on a journal that can't be believed: a sentence, an exit code, and every file as it was."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.game_day.start_faults import START_FAULTS, StartFault, keep, table, told
from tests.pty_desk import PtyDesk, environment


@pytest.mark.pty
@pytest.mark.parametrize("fault", START_FAULTS, ids=lambda fault: fault.name)
def test_it_says_what_is_wrong_and_starts_nothing(fault: StartFault, tmp_path: Path) -> None:
    folder = tmp_path / "data" / "journal" / "sim"
    keep(folder)
    fault.spoil(folder)
    before = files_of(folder)
    with PtyDesk(["demo"], environment(tmp_path)) as desk:
        code = desk.exit_code()
    said = " ".join(desk.raw.decode(errors="replace").rpartition("touchline: ")[2].split())
    assert (code, fault.says in said) == (fault.code, True), said
    assert files_of(folder) == before


def files_of(folder: Path) -> dict[str, bytes]:
    """Return what is in a folder, but for the lock and a segment that was made ahead and not begun."""
    files = {path.name: path.read_bytes() for path in folder.iterdir() if path.suffix}
    return {name: content for name, content in files.items() if any(content)}


def test_the_page_has_what_is_said_at_the_start() -> None:
    assert told() == table()
