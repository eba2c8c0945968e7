"""The badge at the start of the status line: the program, and whether money is at stake."""

from __future__ import annotations

from engine.model.account import AccountMode
from terminal.strips import Run

BEGINS: Run = (" the desk begins", "faint")
"""What stands beside the badge until the engine has told of an account."""


def badge(mode: AccountMode) -> list[Run]:
    """Return the runs of the badge; live cannot be mistaken for anything else."""
    role = "on_loud+b/live" if mode is AccountMode.LIVE else "on_badge+b/sim"
    return [(" ◆ TOUCHLINE ", "on_badge+b/badge"), (f" {mode.value.upper()} ", role)]
