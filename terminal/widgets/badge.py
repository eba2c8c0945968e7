"""The badge at the start of the status line: the program, and whether money is at stake."""

from __future__ import annotations

from engine.messages.risk_views import ArmingView
from engine.model.account import AccountMode
from terminal.strips import Run

BEGINS: Run = (" the desk begins", "faint")
"""What stands beside the badge until the engine has told of an account."""

_WORDS = {AccountMode.PAPER: "LIVE DATA · PAPER"}
"""How a mode is told where its name alone could be misread."""


def badge(mode: AccountMode, arming: ArmingView | None = None) -> list[Run]:
    """Return the runs of the badge; live cannot be mistaken for anything else, and says whether it is armed."""
    role = "on_loud+b/live" if mode is AccountMode.LIVE else "on_badge+b/sim"
    words = _WORDS.get(mode, mode.value.upper())
    if mode is AccountMode.LIVE:
        words += " · ARMED" if arming is not None and arming.armed else " · disarmed (F12)"
    return [(" ◆ TOUCHLINE ", "on_badge+b/badge"), (f" {words} ", role)]
