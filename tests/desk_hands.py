"""A person at the whole desk of a still engine: keys, mouse, and what is seen."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import cast

from textual.pilot import Pilot

from engine.messages.views import Frame
from terminal.screens.trade import TradeScreen
from terminal.widgets.pane import LivePane
from tests.driving import drive
from tests.frozen_desk import StillEngine, frozen_app, settled

GUARD_S = 0.3
"""Longer than the guard against double presses."""


class Hands:
    """What a person does and sees at one desk."""

    def __init__(self, pilot: Pilot[None], engine: StillEngine) -> None:
        self.pilot = pilot
        self.engine = engine
        self.press = pilot.press

    @property
    def screen(self) -> TradeScreen:
        return cast("TradeScreen", self.pilot.app.screen_stack[1])

    @property
    def top(self) -> object:
        return self.pilot.app.screen

    @property
    def line(self) -> str:
        return self.screen.line.composer.editor.text

    @property
    def said(self) -> str:
        notice = self.screen.line.composer.notice
        return notice[0] if notice else ""

    @property
    def focused(self) -> str:
        widget = self.screen.focused
        return (widget.id or "") if widget is not None else ""

    def row(self, of: str, y: int = 0) -> str:
        pane = self.screen.query_one(of, LivePane)
        return "".join(segment.text for segment in pane.render_lines(pane.region.reset_offset)[y])

    async def twice(self, key: str) -> None:
        await self.press(key)
        await self.pilot.pause(GUARD_S)
        await self.press(key)
        await self.pilot.pause()


Script = Callable[[Hands], Awaitable[None]]
Try = Callable[..., StillEngine]


def trying(root: Path, frame: Frame | None = None) -> Try:
    """Return what runs a script at a desk of a size and gives back the engine it spoke to."""

    def tried(script: Script, size: tuple[int, int] = (160, 48)) -> StillEngine:
        app, engine = frozen_app(root, frame=frame)

        async def steps(pilot: Pilot[None]) -> None:
            await settled(pilot)
            await script(Hands(pilot, engine))
            await pilot.pause()

        drive(app, steps, size)
        assert app.return_code in {None, 0}
        assert not engine.runs
        return engine

    return tried
