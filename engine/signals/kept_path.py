"""Where it is kept how models did beside an account's market."""

from __future__ import annotations

from pathlib import Path
from typing import Final

SUFFIX: Final = ".signals.json"


def signals_path(journal: Path) -> Path:
    """Return the file of the account with this journal: beside it."""
    return journal.with_name(f"{journal.name}{SUFFIX}")
