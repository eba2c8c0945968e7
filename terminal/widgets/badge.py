"""The badge at the start of the status line: the program, and whether money is at stake."""

from __future__ import annotations

from engine.model.account import AccountMode
from terminal.strips import Run

BEGINS: Run = (" the desk begins", "faint")
"""What stands beside the badge until the engine has told of an account."""

_WORDS = {AccountMode.PAPER: "LIVE DATA · PAPER"}
"""How a mode is told where its name alone could be misread."""


def badge(mode: AccountMode) -> list[Run]:
    """Return the runs of the badge; live cannot be mistaken for anything else."""
    role = "on_loud+b/live" if mode is AccountMode.LIVE else "on_badge+b/sim"
    words = _WORDS.get(mode, mode.value.upper())
    return [(" ◆ TOUCHLINE ", "on_badge+b/badge"), (f" {words} ", role)]
