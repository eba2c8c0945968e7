"""The table of the desks that share a Redis, on the desk."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace
from textual.pilot import Pilot
from textual.widgets import Static

from engine.messages.commands import SetTradingState, TradingState
from engine.messages.desk_views import DeskRow, DesksView, Standing
from terminal.screens.desks import DesksScreen
from tests.frozen_desk import whole_frame
from tests.frozen_pages import at_page


def row(
    name: str, standing: Standing, *held: tuple[str, str], is_ours: bool = False, age_s: int = 0
) -> DeskRow:
    return DeskRow(name, standing, is_ours, age_s, "h", "PAPER-1", "paper", "ann", "active", "0.1.0", held)


TABLE = DesksView(
    (
        row("bridge", Standing.SILENT, ("NVDA", "-200"), age_s=125),
        row("cellar", Standing.LEFT, ("XOM", "5"), age_s=90_000),
        row("tower", Standing.HERE, ("AAPL", "500"), ("MSFT\x1b[2J", "1"), is_ours=True),
    ),
    "the other desks can't be heard",
)


def text_of(pilot: Pilot[None]) -> str:
    assert isinstance(pilot.app.screen, DesksScreen)
    return str(pilot.app.screen.query_one("#desks-text", Static).render())


@pytest.mark.parametrize("size", [(160, 48), (80, 24)])
def test_a_key_shows_each_desk_how_it_is_there_and_what_it_holds(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    async def script(pilot: Pilot[None]) -> None:
        await pilot.press("F")
        lines = text_of(pilot).splitlines()
        assert lines[0] == "the other desks can't be heard"
        assert lines[3].startswith("bridge")
        assert lines[3].endswith("silent 2 min")
        assert lines[4].strip() == "NVDA -200"
        assert lines[5].endswith("left 1 d")
        assert lines[7].endswith("this one")
        assert lines[8].strip() == "AAPL 500, MSFT[2J 1"
        await pilot.press("escape")
        assert not isinstance(pilot.app.screen, DesksScreen)

    at_page(tmp_path, script, replace(whole_frame(), desks=TABLE), size)


def test_the_word_shows_it_too_and_a_desk_that_shares_nothing_says_so(tmp_path: Path) -> None:
    async def script(pilot: Pilot[None]) -> None:
        await pilot.press("colon", *"desks", "enter")
        assert "shares nothing" in text_of(pilot)

    at_page(tmp_path, script, whole_frame())


def test_a_halt_of_every_desk_is_said_by_a_line(tmp_path: Path) -> None:
    async def script(pilot: Pilot[None]) -> None:
        await pilot.press("colon", *"halt", "space", *"firm", "enter")

    engine = at_page(tmp_path, script, whole_frame())
    assert engine.told == [SetTradingState(TradingState.HALTED, "typed on the order line", None, firm=True)]
