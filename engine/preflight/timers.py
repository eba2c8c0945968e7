"""What takes backups by itself: the timer of the system, where systemd runs it."""

from __future__ import annotations

import shutil
import subprocess
from contextlib import suppress
from typing import Final

from engine.preflight.operation_facts import TimerFacts

UNIT: Final = "touchline-backup.timer"
_PATIENCE_S: Final = 3.0


def timer_facts() -> TimerFacts:
    """Ask systemd for the timer of the backups; it is no fault where something else runs the system."""
    program = shutil.which("systemctl")
    if program is None:
        return TimerFacts()
    asked = (program, "show", UNIT, "--property=LoadState,ActiveState,NextElapseUSecRealtime")
    with suppress(OSError, subprocess.SubprocessError):
        done = subprocess.run(  # noqa: S603  # its own words, and a program of the system's
            asked, capture_output=True, text=True, timeout=_PATIENCE_S, check=True
        )
        told = dict(line.split("=", 1) for line in done.stdout.splitlines() if "=" in line)
        is_there = told.get("LoadState") == "loaded"
        return TimerFacts(
            manager=True,
            state=told.get("ActiveState", "") if is_there else "",
            next=told.get("NextElapseUSecRealtime", ""),
        )
    return TimerFacts()
