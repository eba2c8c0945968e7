"""A desk on which nothing happens draws nothing."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import pytest
from textual.pilot import Pilot

from terminal.screens.desk_screen import STANDING_FRAMES
from terminal.screens.trade import TradeScreen
from terminal.widgets.quotes import QuoteBoard
from terminal.widgets.status import StatusLine
from tests.driving import drive
from tests.frozen_desk import frozen_app, settled


def test_no_pane_is_drawn_for_a_clock_that_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app, _ = frozen_app(tmp_path)
    drawn: list[str] = []
    for pane in (StatusLine, QuoteBoard):
        draw = pane.draw

        def counted(self: StatusLine | QuoteBoard, draw: object = draw) -> None:
            drawn.append(type(self).__name__)
            draw(self)  # type: ignore[operator]

        monkeypatch.setattr(pane, "draw", counted)

    async def script(pilot: Pilot[None]) -> None:
        await settled(pilot)
        screen = cast("TradeScreen", pilot.app.screen)

        async def frames_pass(count: int) -> None:
            until = screen._frames + count
            while screen._frames < until:
                await pilot.pause(0.01)

        assert drawn
        await frames_pass(STANDING_FRAMES + 1)
        drawn.clear()
        await frames_pass(5)
        assert not drawn

    drive(app, script, size=(160, 48))
