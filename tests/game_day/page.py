"""The page about the game day, and the table in it that a run makes."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from tests.documented import ROOT
from tests.game_day.fault import WITHIN_S, Fault
from tests.game_day.stage import Seen

PAGE: Final = ROOT / "docs" / "game-day.md"
BEGIN: Final = "<!-- game day: begin -->\n"
END: Final = "<!-- game day: end -->\n"
HEAD: Final = "| fault | row | what it says | seen after | alert | what is done | green after | why so |\n|---|---|---|---|---|---|---|---|\n"
PATH: Final = re.compile(r"(?<= )/[^\s:]+")
"""A file of the day: it is another one in each run."""


def table(days: Mapping[Fault, Seen]) -> str:
    """Return a row for each fault that was played."""
    return HEAD + "".join(_row(fault, seen) for fault, seen in days.items())


def put(text: str, rows: str) -> str:
    """Return the page with another table."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}{rows}{END}{after}"


def write(days: Mapping[Fault, Seen], page: Path = PAGE) -> None:
    """Put the table of a run on the page."""
    page.write_text(put(page.read_text(encoding="utf-8"), table(days)), encoding="utf-8")


def faults_on(text: str) -> list[tuple[str, str]]:
    """Return what the table names: faults in words, and the runbooks of their rows."""
    _, _, rest = text.partition(BEGIN)
    rows, _, _ = rest.partition(END)
    cells = [line.split(" | ") for line in rows.splitlines()[2:]]
    return [
        (row[0].removeprefix("| "), row[1].partition("(runbooks/")[2].partition(".md")[0]) for row in cells
    ]


def _row(fault: Fault, seen: Seen) -> str:
    told = f"{seen.alert}, {_s(seen.alert_s)}" if seen.alert else "none"
    said = PATH.sub("…", seen.said)
    cells = (
        fault.what,
        f"[{seen.row}](runbooks/{fault.runbook}.md)",
        said.replace("|", "/"),
        _s(seen.seen_s),
        told,
        seen.remedy,
        _s(seen.green_s),
        _why(fault),
    )
    return f"| {' | '.join(cells)} |\n"


def breaches(fault: Fault, seen: Seen) -> str:
    """Say what took longer than it may; empty where nothing did, or the case says why that is right."""
    took = {"its row": seen.seen_s, "its alert": seen.alert_s}
    late = [f"{what} {seconds:.1f} s" for what, seconds in took.items() if seconds > WITHIN_S]
    return "" if fault.late else ", ".join(late)


def _why(fault: Fault) -> str:
    reasons = {"yellow": fault.yellow, "no alert": fault.quiet, "later": fault.late}
    return "; ".join(f"{what}: {reason}" for what, reason in reasons.items() if reason)


def _s(seconds: float) -> str:
    """Return seconds as a person counts them: whole ones, and no fewer than one."""
    return f"{max(1, math.ceil(seconds))} s"
