"""What takes backups by itself: the timer of the system, where systemd runs it."""

from __future__ import annotations

import asyncio
import shutil
from asyncio.subprocess import DEVNULL, PIPE
from typing import Final

from engine.preflight.operation_facts import TimerFacts

UNIT: Final = "touchline-backup.timer"
_ASKED: Final = ("show", UNIT, "--property=LoadState,ActiveState,NextElapseUSecRealtime")
_PATIENCE_S: Final = 3.0


def timer_facts() -> TimerFacts:
    """Ask systemd for the timer of the backups; it is no fault where something else runs the system."""
    program = shutil.which("systemctl")
    told = asyncio.run(_told(program)) if program is not None else {}
    if not told:
        return TimerFacts()
    state = told.get("ActiveState", "") if told.get("LoadState") == "loaded" else ""
    return TimerFacts(manager=True, state=state, next=told.get("NextElapseUSecRealtime", ""))


async def _told(program: str) -> dict[str, str]:
    """Return the properties of the timer; none where systemd does not answer."""
    try:
        asked = await asyncio.create_subprocess_exec(program, *_ASKED, stdout=PIPE, stderr=DEVNULL)
    except OSError:
        return {}
    try:
        async with asyncio.timeout(_PATIENCE_S):
            answer, _ = await asked.communicate()
    except TimeoutError:
        asked.kill()
        await asked.wait()
        return {}
    if asked.returncode:
        return {}
    return dict(line.split("=", 1) for line in answer.decode("utf-8", "replace").splitlines() if "=" in line)
