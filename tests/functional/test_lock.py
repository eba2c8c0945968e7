"""The lock over the desk: nothing is seen and nothing is done but getting out, until the password is right."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import cast

import pytest
from msgspec.structs import replace
from textual.pilot import Pilot
from textual.widgets import Input

from engine.config import DeskSettings
from engine.engine import Engine
from engine.messages.commands import TradingState, UnlockDesk
from engine.messages.lock_views import LockView
from engine.rooms import Rooms
from engine.security.audit.log import entries_in
from terminal.app import DeskApp
from terminal.screens.lock import LockScreen
from terminal.screens.trade import TradeScreen
from tests.driving import drive, sees
from tests.engine_rooms import ABC, buying, composed, quoted
from tests.frozen_desk import frozen_app, whole_frame
from tests.signed_in import GOOD, signed_in

Compare = Callable[..., bool]


class AtLock:
    """Hands at a desk that ann signed in at."""

    def __init__(self, pilot: Pilot[None], rooms: Rooms) -> None:
        self.pilot, self.rooms = pilot, rooms

    @property
    def desk(self) -> TradeScreen:
        return cast("TradeScreen", self.pilot.app.screen_stack[1])

    @property
    def is_locked(self) -> bool:
        screen = self.pilot.app.screen
        return isinstance(screen, LockScreen) and isinstance(screen.focused, Input)

    @property
    def answer(self) -> str:
        return str(self.pilot.app.screen.query_one("#answer").render())

    async def sees(self, is_so: Callable[[], bool]) -> None:
        await sees(self.pilot, is_so)

    async def locks(self) -> None:
        await self.pilot.press("ctrl+l")
        await self.sees(lambda: self.is_locked)

    async def types(self, password: str) -> None:
        self.pilot.app.screen.query_one("#password", Input).value = password
        await self.pilot.press("enter")


def was_tried(rooms: Rooms, times: int) -> bool:
    return rooms.lock is not None and rooms.lock.tries == times


def test_a_locked_desk_shows_nothing_lets_out_and_opens_for_the_password_alone(tmp_path: Path) -> None:
    with composed(tmp_path) as rooms:
        quoted(rooms, ABC, 10_000)
        engine = signed_in(tmp_path, rooms)
        app = DeskApp(engine, DeskSettings(), rooms.folders)

        async def script(pilot: Pilot[None]) -> None:
            hands = AtLock(pilot, rooms)
            await hands.sees(lambda: len(app.screen_stack) > 1 and hands.desk.desk.lock is not None)
            assert "Quotes" in app.export_screenshot()
            await hands.locks()
            assert "Quotes" not in app.export_screenshot()
            await pilot.press("ctrl+p", "ctrl+q", "escape", "ctrl+l", "ctrl+o")
            assert hands.is_locked
            assert len(app.screen_stack) == 3
            engine.submit(buying(rooms, 5))
            await pilot.press("f8")
            await hands.sees(lambda: rooms.halts.said.state is TradingState.HALTED)
            await hands.sees(lambda: hands.answer == "F8: the engine was told.")
            await pilot.press("f10")
            await hands.sees(lambda: hands.answer == "F10: once more, within 3 s.")
            await hands.sees(lambda: any("the desk is locked" in a.text for a in hands.desk.desk.alerts))
            assert not rooms.orders.orders
            await hands.types("nine green herons by Wick")
            await hands.sees(lambda: "Still locked: the name, the password or the code" in hands.answer)
            assert pilot.app.screen.query_one(Input).value == ""
            await hands.types(GOOD)
            await hands.sees(lambda: not hands.is_locked)
            assert rooms.lock is not None
            assert not rooms.lock.locked
            await hands.locks()
            for tries in range(3, 8):
                await hands.types("wrong")
                await hands.sees(partial(was_tried, rooms, tries))
            await hands.types(GOOD)
            await hands.sees(lambda: "Too many tries failed. The next one is in " in hands.answer)
            assert hands.is_locked

        drive(app, script, (160, 48))
        assert any(alert.what == "desk-lock" for alert in entries_in(rooms.folders.data / "audit.log"))


def test_without_a_sign_in_there_is_nothing_to_lock_with(tmp_path: Path) -> None:
    with composed(tmp_path) as rooms:
        app = DeskApp(Engine(rooms), DeskSettings(), rooms.folders)

        async def script(pilot: Pilot[None]) -> None:
            hands = AtLock(pilot, rooms)
            await hands.sees(lambda: len(app.screen_stack) > 1 and hands.desk.desk.risk is not None)
            await pilot.press("ctrl+l")
            await hands.sees(
                lambda: any("nobody signed in" in alert.text for alert in hands.desk.desk.alerts)
            )
            assert not hands.is_locked

        drive(app, script)


def test_a_code_is_asked_for_where_one_is_wanted_and_nothing_tells_the_password(tmp_path: Path) -> None:
    lock = LockView("ann", locked=True, reason="no key for 15 minutes", wants_code=True)
    app, _ = frozen_app(tmp_path, frame=replace(whole_frame(), lock=lock))

    async def script(pilot: Pilot[None]) -> None:
        hands = AtLock(pilot, cast("Rooms", None))
        await hands.sees(lambda: hands.is_locked)
        await pilot.press(*"geese", "enter")
        assert "geese" not in app.export_screenshot()
        await pilot.press(*"123456", "enter")

    drive(app, script)
    sent = [each for each in app.engine.told if isinstance(each, UnlockDesk)]  # type: ignore[attr-defined]  # a still one
    assert [(each.password, each.code) for each in sent] == [("geese", "123456")]
    assert "geese" not in repr(sent)


@pytest.fixture
def all_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw for a terminal with all colours, whatever the tests run in."""
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLORTERM", "truecolor")
    monkeypatch.delenv("NO_COLOR", raising=False)


@pytest.mark.usefixtures("all_colours")
def test_a_desk_that_is_locked(snap_compare: Compare, tmp_path: Path) -> None:
    lock = LockView("ann", locked=True, reason="no key for 15 minutes")
    app, _ = frozen_app(tmp_path, frame=replace(whole_frame(), lock=lock))

    async def ask(pilot: Pilot[None]) -> None:
        while not (isinstance(app.screen, LockScreen) and app.screen.query(Input)):
            await pilot.pause(0.02)
        app.screen.query_one(Input).cursor_blink = False
        await pilot.press(*"geese")

    assert snap_compare(app, terminal_size=(80, 24), run_before=ask)
