"""The project speaks of itself alone."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT

FORBIDDEN = {
    "a machine path": re.compile(r"/(?:home|root|Users)/\w+"),
    "an unfinished mark": re.compile(r"\b(?:TODO|FIXME|XXX|HACK)\b"),
    "a package index": re.compile(r"(?:pypi\.org|files\.pythonhosted|--index-url|--extra-index)"),
}


def tracked() -> list[Path]:
    names = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.split()
    if not names:
        return [path for path in ROOT.rglob("*") if path.is_file() and ".venv" not in path.parts]
    return [ROOT / name for name in names]


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_file_speaks_of(what: str) -> None:
    pattern = FORBIDDEN[what]
    found = [
        str(path.relative_to(ROOT))
        for path in tracked()
        if path.suffix in {".py", ".md", ".toml", ".tcss", ".txt", ".lock", ""}
        and path.name != Path(__file__).name
        and path.is_file()
        and pattern.search(path.read_text(encoding="utf-8", errors="replace"))
    ]
    assert not found
