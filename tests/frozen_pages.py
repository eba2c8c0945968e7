"""A page of the desk in front of an engine that stands still."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

from textual.pilot import Pilot

from engine.messages.views import Frame
from tests.driving import drive
from tests.frozen_desk import StillEngine, frozen_app, settled

Script = Callable[[Pilot[None]], Awaitable[None]]


def at_page(
    root: Path, script: Script, frame: Frame, size: tuple[int, int] = (160, 48), *, key: str = ""
) -> StillEngine:
    """Run a script on a desk that shows this frame, on the page that the key opens, where there is one."""
    app, engine = frozen_app(root, frame=frame)

    async def run(pilot: Pilot[None]) -> None:
        await settled(pilot)
        if key:
            await pilot.press(key)
            await pilot.pause(0.1)
        await script(pilot)

    drive(app, run, size=size)
    return engine


def rows_on(pilot: Pilot[None]) -> list[str]:
    """Return the rows as they are on the terminal, below the line that says whose account this is."""
    strips = pilot.app.screen._compositor.render_strips()
    status, *rows = ["".join(segment.text for segment in strip) for strip in strips]
    assert "TOUCHLINE" in status
    return rows
