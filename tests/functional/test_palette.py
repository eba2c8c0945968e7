"""The palette: what it finds, and that it does what it offers whatever page lies on the desk."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.command import CommandList, CommandPalette

from engine.messages.commands import CancelAll
from engine.model.instrument import Symbol
from terminal.screens.leaving import LeavingScreen
from terminal.screens.name_asked import NameAsked
from terminal.screens.password import PasswordScreen
from tests.desk_hands import Hands, Try, trying
from tests.waiting import until


@pytest.fixture
def at_desk(tmp_path: Path) -> Try:
    """Return what runs a script at a desk of a size and gives back the engine it spoke to."""
    return trying(tmp_path)


async def found(hands: Hands, text: str, wanted: str) -> list[str]:
    """Type into the palette; return the rows it shows once one of them has what is wanted."""
    await hands.press(*text)

    def rows() -> list[str]:
        options = hands.pilot.app.screen.query_one(CommandList).options
        return [str(getattr(option.prompt, "renderable", option.prompt)) for option in options]

    await until(lambda: any(wanted in row for row in rows()))
    return rows()


async def choose(hands: Hands, text: str, wanted: str) -> None:
    await found(hands, text, wanted)
    await hands.press("down", "enter")
    await until(lambda: not isinstance(hands.top, CommandPalette))
    await hands.pilot.pause(0.1)


def test_what_is_told_of_an_action_finds_it_too_after_every_name(at_desk: Try) -> None:
    async def script(hands: Hands) -> None:
        await hands.press("ctrl+p")
        rows = await found(hands, "order", "Cancel every working order, at once.")
        assert "Go to orders." in rows[0]

    at_desk(script)


def test_it_acts_on_the_desk_whatever_page_lies_on_it(at_desk: Try) -> None:
    async def script(hands: Hands) -> None:
        await hands.press("slash", "ctrl+p")
        await choose(hands, "aapl", "AAPL")
        assert hands.top is hands.screen
        assert hands.screen.desk.focus == Symbol("AAPL")
        await hands.press("C", "enter", "ctrl+p")
        await choose(hands, "cancelall", "Cancel every working order, at once.")
        assert hands.top is hands.screen

    assert at_desk(script).told == [CancelAll(origin="key")]


def test_nothing_is_begun_over_a_question(at_desk: Try) -> None:
    async def script(hands: Hands) -> None:
        await hands.press("ctrl+q", "ctrl+p")
        await hands.pilot.pause()
        assert isinstance(hands.top, LeavingScreen)

    at_desk(script)
    assert [screen.asks for screen in (LeavingScreen, NameAsked, PasswordScreen)] == [True] * 3


def test_every_row_is_one_line(at_desk: Try) -> None:
    async def script(hands: Hands) -> None:
        await hands.press("ctrl+p")
        await found(hands, "", "touch.")
        choices = hands.pilot.app.screen.query_one(CommandList)
        assert choices.virtual_size.height == choices.option_count

    at_desk(script, (80, 24))
