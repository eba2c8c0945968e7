"""What a runbook says to do: its remedies are read there, and nowhere else."""

from __future__ import annotations

from engine.messages.remedies import Remedy
from terminal.health.remedy_keys import KEYS
from tests.documented import ROOT

FOLDER = ROOT / "docs" / "runbooks"
BEGIN, END = "## Do\n", "\n## "


def done_about(runbook: str) -> str:
    """Return the section of a page that says what to do, in one line."""
    text = (FOLDER / f"{runbook}.md").read_text(encoding="utf-8")
    section = text.partition(BEGIN)[2].partition(END)[0]
    return " ".join(section.split())


def says(runbook: str, remedy: str) -> bool:
    """Tell whether a page says to do this."""
    return bool(remedy) and remedy in done_about(runbook)


def key_of(remedy: Remedy) -> str:
    """Return the key of a row's remedy as the pages write it."""
    return f"`{KEYS[remedy].key}`"
