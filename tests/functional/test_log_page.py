"""The log on the desk: a key shows it, on an order only its own; it follows, and nothing in it is obeyed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

from textual.pilot import Pilot
from textual.widgets import Static

from engine.observe.logs import NAME
from terminal.screens.log import LogScreen
from terminal.screens.reading import ReadingScreen
from tests.driving import drive
from tests.frozen_desk import frozen_app, settled
from tests.log_lines import line, write


def text_of(pilot: Pilot[None]) -> str:
    assert isinstance(pilot.app.screen, LogScreen)
    return str(pilot.app.screen.query_one(Static).render())


def whole(pilot: Pilot[None]) -> str:
    """Return the page that shows a line in full."""
    assert isinstance(pilot.app.screen, ReadingScreen)
    return str(pilot.app.screen.query_one(Static).render())


async def until(pilot: Pilot[None], is_so: Callable[[str], bool]) -> str:
    """Return the page once it is as it should be."""
    for _ in range(200):
        if is_so(told := text_of(pilot)):
            return told
        await pilot.pause(0.05)
    raise AssertionError(text_of(pilot))


def at(
    root: Path, script: Callable[[Pilot[None]], Awaitable[None]], size: tuple[int, int] = (160, 48)
) -> None:
    write(
        root / "logs" / NAME,
        line(1, "engine started", component="engine"),
        line(2, "order submitted", correlation="test-5", client_id="test-5", symbol="NVDA", market_ns=77),
        line(3, "order denied", component="risk", level="warning", correlation="test-2", client_id="test-2"),
        line(4, "alert", component="alerts", level="critical", cause="test-5", text="\x1b[2Jgone [b]"),
    )
    app, _ = frozen_app(root)

    async def run(pilot: Pilot[None]) -> None:
        await settled(pilot)
        await script(pilot)

    drive(app, run, size=size)


def test_a_key_shows_everything_and_goes_on_with_what_comes(tmp_path: Path) -> None:
    async def script(pilot: Pilot[None]) -> None:
        await pilot.press("O")
        told = await until(pilot, lambda text: "4 lines" in text)
        assert "follows" in told
        assert "[2Jgone [b]" in told
        assert "\x1b" not in told
        assert all(len(row) <= 80 for row in told.splitlines())
        write(tmp_path / "logs" / NAME, line(5, "order filled"))
        assert "order filled" in await until(pilot, lambda text: "5 lines" in text)
        await pilot.press("p")
        write(tmp_path / "logs" / NAME, line(6, "order sent"))
        assert "order sent" not in await until(pilot, lambda text: "held, 1 wait" in text)
        await pilot.press("p", "k")
        assert "6 lines · 1 below" in text_of(pilot)
        await pilot.press("escape")
        assert not isinstance(pilot.app.screen, LogScreen)

    at(tmp_path, script, (80, 24))


def test_on_an_order_it_shows_what_belongs_to_it(tmp_path: Path) -> None:
    async def script(pilot: Pilot[None]) -> None:
        await pilot.press("5", "g", "O")
        told = await until(pilot, lambda text: "lines" in text and "being read" not in text)
        assert "Log · order #5 NVDA" in told
        assert "order submitted" in told
        assert "gone" in told
        assert "denied" not in told
        await pilot.press("i")
        await until(pilot, lambda text: "4 lines" in text)
        await pilot.press("home", "j", "i")
        await until(pilot, lambda text: "Log · test-5" in text and "2 lines" in text)

    at(tmp_path, script)


def test_it_is_searched_narrowed_and_a_line_read_in_full(tmp_path: Path) -> None:
    async def script(pilot: Pilot[None]) -> None:
        await pilot.press("colon", *"log", "enter")
        await until(pilot, lambda text: "4 lines" in text)
        await pilot.press("slash", "D", "N", "backspace", "E", "N", "enter")
        assert "1 line ·" in text_of(pilot)
        await pilot.press("slash", "escape", "l")
        assert "warning and louder · every component · 2 lines" in text_of(pilot)
        await pilot.press("C", "C", "C", "enter")
        assert "component  alerts" in whole(pilot)
        await pilot.press("escape")
        assert "· alerts · 1 line ·" in text_of(pilot)
        await pilot.press("slash", "~", "enter")
        assert "No line is like that" in text_of(pilot)
        await pilot.press("escape", "q")
        assert not isinstance(pilot.app.screen, LogScreen)

    at(tmp_path, script)
