"""What a key changed is painted by itself, before the panes that a frame has changed."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import pytest
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
from textual.app import App
from textual.events import Key
from textual.pilot import Pilot
from textual.screen import Screen

from terminal.screens.trade import TradeScreen
from tests.driving import drive
from tests.frozen_desk import frozen_app, settled

SIZE = (160, 48)
LINE_ROW = SIZE[1] - 2
Q = Key("q", "q")


def rows_of(update: object) -> set[int]:
    """Return the rows of the screen that an update writes."""
    if isinstance(update, LayoutUpdate):
        return set(range(SIZE[1]))
    return {y for y, _, _ in update.spans} if isinstance(update, ChopsUpdate) else set()


@pytest.fixture
def painted(monkeypatch: pytest.MonkeyPatch) -> list[set[int]]:
    """Return what will hold the rows of every paint."""
    paints: list[set[int]] = []

    def display(_app: App[None], _screen: Screen[None], update: CompositorUpdate | None) -> None:
        if rows := rows_of(update):
            paints.append(rows)

    monkeypatch.setattr(App, "_display", display)
    return paints


def test_a_key_is_painted_before_the_panes_that_changed(tmp_path: Path, painted: list[set[int]]) -> None:
    app, _ = frozen_app(tmp_path)

    async def script(pilot: Pilot[None]) -> None:
        await settled(pilot)
        screen = cast("TradeScreen", app.screen)
        await pilot.press("colon")
        await pilot.pause(0.1)
        screen.bridge.close()
        await pilot.pause(0.1)
        painted.clear()
        screen.panes["chart"].refresh()
        await app.on_event(Q)
        assert painted == [{LINE_ROW}]
        await pilot.pause(0.1)
        assert set(range(3, 20)) <= set.union(*painted[1:])
        assert screen.line.composer.editor.text == "q"

    drive(app, script, size=SIZE)


def test_under_another_screen_nothing_is_painted_at_once(tmp_path: Path) -> None:
    app, _ = frozen_app(tmp_path)

    async def script(pilot: Pilot[None]) -> None:
        await settled(pilot)
        screen = cast("TradeScreen", app.screen)
        await pilot.press("question_mark")
        await pilot.pause()
        screen.line.refresh()
        assert not screen.paint_at_once()

    drive(app, script, size=SIZE)


def test_going_to_the_order_line_does_not_paint_the_whole_screen_anew(
    tmp_path: Path, painted: list[set[int]]
) -> None:
    app, _ = frozen_app(tmp_path)

    async def script(pilot: Pilot[None]) -> None:
        await settled(pilot)
        await pilot.pause(0.1)
        painted.clear()
        await pilot.press("colon")
        await pilot.pause(0.2)
        assert LINE_ROW in set.union(*painted)
        assert not [rows for rows in painted if rows >= set(range(SIZE[1]))]
        below_the_quotes = set(range(28, LINE_ROW))
        assert not any(below_the_quotes & rows for rows in painted)

    drive(app, script, size=SIZE)
