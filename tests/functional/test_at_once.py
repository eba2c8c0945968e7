"""What a key changed is painted by itself, before the panes that a frame has changed."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import pytest
from msgspec.structs import replace
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
from textual.app import App, ComposeResult
from textual.events import Key
from textual.pilot import Pilot
from textual.screen import Screen
from textual.strip import Strip
from textual.widgets import Static

from terminal.at_once import AtOnce, RowsUpdate
from terminal.screens.trade import TradeScreen
from terminal.widgets.quotes import QuoteBoard
from tests.driving import drive
from tests.frozen_desk import frozen_app, settled

SIZE = (160, 48)
LINE_ROW = SIZE[1] - 2
Q = Key("q", "q")


def rows_of(update: object) -> set[int]:
    """Return the rows of the screen that an update writes."""
    if isinstance(update, LayoutUpdate):
        return set(range(SIZE[1]))
    if isinstance(update, RowsUpdate):
        return {y for _, y, _ in update.rows}
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


def test_rows_painted_at_once_are_those_that_the_whole_screen_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app, _ = frozen_app(tmp_path)
    updates: list[RowsUpdate] = []

    def display(_app: App[None], _screen: Screen[None], update: CompositorUpdate | None) -> None:
        if isinstance(update, RowsUpdate):
            updates.append(update)

    async def script(pilot: Pilot[None]) -> None:
        await settled(pilot)
        screen = cast("TradeScreen", app.screen)
        monkeypatch.setattr(App, "_display", display)
        screen.take_ink(app.ink(app.desk_theme))
        shown = [strip.text for strip in screen._compositor.render_strips()]
        rows = [row for update in updates for row in update.rows]
        assert len(rows) > SIZE[1]
        assert all(shown[y][x : x + strip.cell_length] == strip.text for x, y, strip in rows)
        assert {y for _, y, _ in rows} >= {0, LINE_ROW, SIZE[1] - 1}

    drive(app, script, size=SIZE)


def test_under_another_screen_nothing_is_painted_at_once(tmp_path: Path, painted: list[set[int]]) -> None:
    app, _ = frozen_app(tmp_path)

    async def script(pilot: Pilot[None]) -> None:
        await settled(pilot)
        screen = cast("TradeScreen", app.screen)
        await pilot.press("question_mark")
        await pilot.pause()
        painted.clear()
        screen.line.say("on the row below")
        assert painted == []

    drive(app, script, size=SIZE)


def test_a_widget_that_something_lies_on_is_not_painted_over_it() -> None:
    class Layered(App[None]):
        CSS = "Screen { layers: low high; } #low { layer: low; } #high { layer: high; width: 5; }"

        def compose(self) -> ComposeResult:
            yield Static("low", id="low")
            yield Static("high", id="high")

    app = Layered()

    async def script(pilot: Pilot[None]) -> None:
        low = app.query_one("#low")
        row = (0, Strip.blank(low.size.width))
        at_once = AtOnce(low)
        assert not at_once.paint([row])
        app.query_one("#high").display = False
        await pilot.pause()
        assert at_once.paint([row])

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


def test_a_pane_drawn_in_parts_paints_each_and_drops_the_rest_when_it_is_drawn_whole(
    tmp_path: Path, painted: list[set[int]]
) -> None:
    app, _ = frozen_app(tmp_path)

    async def script(pilot: Pilot[None]) -> None:
        await settled(pilot)
        screen = cast("TradeScreen", app.screen)
        screen.bridge.close()
        await pilot.pause(0.1)
        quotes = screen.quotes
        painted.clear()
        _make_every_row_differ(quotes)
        parts = quotes.redraw_in_parts()
        next(parts)
        first = painted[-1]
        quotes.redraw()
        assert first < set(range(SIZE[1]))
        assert not first & painted[-1]
        count = len(painted)
        assert list(parts) == []
        assert len(painted) == count

    drive(app, script, size=SIZE)


def test_a_pane_that_is_new_to_its_size_is_painted_once_it_is_whole(
    tmp_path: Path, painted: list[set[int]]
) -> None:
    app, _ = frozen_app(tmp_path)

    async def script(pilot: Pilot[None]) -> None:
        await settled(pilot)
        screen = cast("TradeScreen", app.screen)
        screen.bridge.close()
        await pilot.pause(0.1)
        for pane in (screen.quotes, screen.chart):
            painted.clear()
            pane._reset(pane.size)
            parts = list(pane.redraw_in_parts())
            assert len(parts) > 1
            assert [len(rows) for rows in painted] == [pane.size.height]

    drive(app, script, size=SIZE)


def test_a_chart_drawn_in_parts_is_painted_in_one_piece(tmp_path: Path, painted: list[set[int]]) -> None:
    app, _ = frozen_app(tmp_path)

    async def script(pilot: Pilot[None]) -> None:
        await settled(pilot)
        screen = cast("TradeScreen", app.screen)
        screen.bridge.close()
        await pilot.pause(0.1)
        painted.clear()
        screen.chart.pitch = 1
        parts = screen.chart.redraw_in_parts()
        next(parts)
        assert painted == []
        assert list(parts)
        assert len(painted) == 1

    drive(app, script, size=SIZE)


def _make_every_row_differ(quotes: QuoteBoard) -> None:
    for symbol, quote in quotes.desk.quotes.items():
        quotes.desk.quotes[symbol] = replace(quote, bid=quote.bid + 1)
