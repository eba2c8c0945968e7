"""What is seen and what can be done before the panes are there."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from rich.cells import cell_len
from textual.events import Key, Paste

from engine.model.account import AccountMode
from terminal.layouts import TITLES
from terminal.screens.opening import OpeningScreen, opening_rows
from terminal.screens.trade import TradeScreen
from tests.frozen_desk import frozen_app

SIZES = [(160, 48), (220, 60), (120, 36), (80, 24)]


def text_of(size: tuple[int, int], mode: AccountMode = AccountMode.SIMULATED) -> list[str]:
    return ["".join(text for text, _ in runs) for runs, _ in opening_rows(*size, mode)]


@pytest.mark.parametrize("size", [*SIZES, (40, 12), (20, 5)])
def test_the_frame_fills_the_terminal_and_no_more(size: tuple[int, int]) -> None:
    rows = text_of(size)
    assert len(rows) == size[1]
    assert all(cell_len(row) <= size[0] for row in rows)
    assert all(cell_len(row) == size[0] for row in rows if "│" in row)


def test_the_frame_names_every_pane_that_comes_and_says_that_the_desk_begins() -> None:
    text = "\n".join(text_of((160, 48)))
    assert all(f"{number} {title}" in text for number, title in enumerate([*TITLES.values()][:9], 1))
    assert "Signals" not in text
    assert "the desk begins" in text


def test_live_is_told_from_the_first_moment() -> None:
    assert "LIVE" in text_of((80, 24), AccountMode.LIVE)[0]


@pytest.mark.parametrize("size", SIZES)
def test_nothing_moves_when_the_panes_come(tmp_path: Path, size: tuple[int, int]) -> None:
    app, _ = frozen_app(tmp_path)

    async def run() -> list[str]:
        async with app.run_test(size=size) as pilot:
            assert isinstance(app.screen, OpeningScreen)
            while not isinstance(app.screen, TradeScreen) or not app.screen.focused:
                await pilot.pause()
            strips = app.screen._compositor.render_strips(app.size)
            return ["".join(segment.text for segment in strip) for strip in strips]

    desk = asyncio.run(run())
    for before, after in zip(text_of(size)[1:-3], desk[1:-3], strict=True):
        assert edges(after) >= edges(before)


def edges(row: str) -> set[tuple[int, str]]:
    """Return where a row has parts of a frame and what they are; a caption may lie over the lower edge."""
    return {(x, character) for x, character in enumerate(row) if character in "╭╮╰╯│"}


def test_what_is_typed_before_the_panes_are_there_is_obeyed_in_order(tmp_path: Path) -> None:
    app, _ = frozen_app(tmp_path)

    async def run() -> tuple[str, str]:
        async with app.run_test(size=(160, 48)) as pilot:
            assert isinstance(app.screen, OpeningScreen)
            for character in ":b 1":
                app.post_message(Key({":": "colon", " ": "space"}.get(character, character), character))
            app.post_message(Paste("00 NVDA"))
            while not isinstance(app.screen, TradeScreen) or not app.screen.line.composer.editor.text:
                await pilot.pause()
            await pilot.pause()
            return app.screen.line.composer.editor.text, str(app.focused and app.focused.id)

    assert asyncio.run(run()) == ("b 100 NVDA", "line")
