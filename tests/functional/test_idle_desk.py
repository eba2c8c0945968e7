"""A desk on which nothing happens draws nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from msgspec.structs import replace
from textual.pilot import Pilot

from engine.clock import NS_PER_S
from engine.messages.views import Frame, ViewRequest
from terminal.screens.desk_screen import STANDING_FRAMES
from terminal.screens.trade import TradeScreen
from terminal.widgets.quotes import QuoteBoard
from terminal.widgets.status import StatusLine
from tests.driving import drive
from tests.frozen_desk import StillEngine, frozen_app, settled


def test_no_pane_is_drawn_for_a_clock_that_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app, _ = frozen_app(tmp_path)
    drawn: list[str] = []
    for pane in (StatusLine, QuoteBoard):
        draw = pane.draw_in_parts

        def counted(
            self: StatusLine | QuoteBoard, draw: Callable[[Any], Iterator[None]] = draw
        ) -> Iterator[None]:
            drawn.append(type(self).__name__)
            return draw(self)

        monkeypatch.setattr(pane, "draw_in_parts", counted)

    async def script(pilot: Pilot[None]) -> None:
        await settled(pilot)
        screen = cast("TradeScreen", pilot.app.screen)

        async def frames_pass(count: int) -> None:
            until = screen._frames + count
            while screen._frames < until:
                await pilot.pause(0.01)

        assert {*drawn} == {"StatusLine", "QuoteBoard"}
        await frames_pass(STANDING_FRAMES + 1)
        drawn.clear()
        await frames_pass(5)
        assert not drawn

    drive(app, script, size=(160, 48))


class _Ticking(StillEngine):
    """Whose clock goes on from frame to frame."""

    def drain(self, request: ViewRequest, deliver: Callable[[Frame], None]) -> None:
        self.frame = replace(self.frame, now_ns=self.frame.now_ns + NS_PER_S)
        deliver(self.frame if request.everything else replace(self.frame, quotes=(), orders=()))


def test_panes_under_another_screen_are_drawn_together_and_seldom(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app, engine = frozen_app(tmp_path)
    app.engine = _Ticking(engine.frame)
    drawn: list[int] = []
    draw = StatusLine.draw

    def counted(self: StatusLine) -> None:
        drawn.append(cast("TradeScreen", self.screen)._frames)
        draw(self)

    monkeypatch.setattr(StatusLine, "draw", counted)

    async def script(pilot: Pilot[None]) -> None:
        await settled(pilot)
        screen = cast("TradeScreen", pilot.app.screen)
        await pilot.press("question_mark")
        await pilot.pause(0.1)
        drawn.clear()
        began, wanted = screen._frames, 2 * screen.settings.frames_per_s
        while screen._frames < began + wanted:
            await pilot.pause(0.01)
        assert 1 <= len(drawn) <= 3
        await pilot.press("escape")
        await pilot.pause(0.1)
        drawn.clear()
        began = screen._frames
        while len(drawn) < 5:
            await pilot.pause(0.01)
        assert screen._frames - began < wanted  # so many take three times as long below another screen

    drive(app, script, size=(160, 48))
