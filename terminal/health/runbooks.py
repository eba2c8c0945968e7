"""The runbooks: a page for each component, installed with the program or in its checkout."""

from __future__ import annotations

from pathlib import Path


def runbook_folders() -> list[Path]:
    """Return where runbooks are: installed, beside the checkout."""
    here = Path(__file__).resolve().parents[1]
    return [folder for folder in (here / "runbooks", here.parent / "docs" / "runbooks") if folder.is_dir()]


def runbook_path(name: str) -> Path | None:
    """Return the page about a component: its own, else that of its kind; `route_data_kraken` is a `route`."""
    parts = name.split("_")
    for count in range(len(parts), 0, -1):
        for folder in runbook_folders():
            path = folder / f"{'_'.join(parts[:count])}.md"
            if path.is_file():
                return path
    return None


def runbook(name: str) -> str:
    """Return the text of the page about a component; a sentence where there is none."""
    path = runbook_path(name)
    if path is None:
        return "There is no runbook for it."
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        return f"Its runbook can't be read: {error}"
