"""F12 on the desk: a live account is armed by typing its name, and looks like nothing else."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import cast

import pytest
from msgspec.structs import replace
from textual.events import Paste
from textual.pilot import Pilot
from textual.widgets import Input

from engine.config import DeskSettings
from engine.engine import Engine
from engine.messages.commands import ArmTrading, CancelAll
from engine.messages.risk_views import ArmingView
from engine.messages.views import Frame
from engine.model.account import AccountMode
from engine.model.order import OrderStatus
from engine.rooms import Rooms
from terminal.app import DeskApp
from terminal.screens.arming import ArmingScreen
from terminal.screens.trade import TradeScreen
from tests.desk_hands import GUARD_S
from tests.driving import drive, sees
from tests.engine_rooms import composed
from tests.frozen_desk import account, frozen_app, settled, whole_frame

Compare = Callable[..., bool]
DISARMED = ArmingView(armed=False, needs_name=True, reason="the desk started")


def live_frame(arming: ArmingView) -> Frame:
    """Return the desk of a live account."""
    mine = replace(account(), name="MAIN", mode=AccountMode.LIVE)
    return replace(whole_frame(), account=mine, arming=arming)


def live_app(root: Path, arming: ArmingView) -> DeskApp:
    app, engine = frozen_app(root, frame=live_frame(arming))
    engine.mode, engine.account_name = AccountMode.LIVE, "MAIN"
    return app


# On an engine that runs


class AtWork:
    """Hands at a desk whose engine runs."""

    def __init__(self, pilot: Pilot[None], rooms: Rooms) -> None:
        self.pilot, self.rooms = pilot, rooms

    @property
    def screen(self) -> TradeScreen:
        return cast("TradeScreen", self.pilot.app.screen_stack[1])

    @property
    def answer(self) -> str:
        return str(self.pilot.app.screen.query_one("#arming-answer").render())

    @property
    def status(self) -> str:
        return self.screen.status._strips[0].text

    def is_reviewed(self) -> bool:
        return self.screen.line.composer.staged

    async def sees(self, is_so: Callable[[], bool]) -> None:
        """Wait until it is so; the test's own time-out ends what never comes."""
        await sees(self.pilot, is_so)

    async def types(self, text: str) -> None:
        await self.pilot.press(*text, "enter")

    async def orders(self, line: str) -> OrderStatus:
        """Send an order from the line; return what became of it."""
        before = len(self.rooms.orders.orders)
        self.screen.type_line(line)
        await self.pilot.pause(GUARD_S)
        await self.pilot.press("enter")
        await self.pilot.pause(GUARD_S)
        await self.pilot.press("enter")
        await self.sees(lambda: len(self.rooms.orders.orders) > before)
        return list(self.rooms.orders.orders.values())[-1].status


def working(root: Path, mode: AccountMode, script: Callable[[AtWork], Awaitable[None]]) -> None:
    """Run a script at the desk of an engine that runs, on a market that stands still."""
    with composed(root, mode=mode) as rooms:
        app = DeskApp(Engine(rooms), DeskSettings(), rooms.folders)

        async def steps(pilot: Pilot[None]) -> None:
            hands = AtWork(pilot, rooms)
            while len(app.screen_stack) < 2 or hands.screen.desk.arming is None:
                await pilot.pause(0.02)
            await script(hands)

        drive(app, steps, (160, 48))


def test_a_live_account_is_armed_by_typing_its_name_and_disarmed_by_a_key(tmp_path: Path) -> None:
    async def script(hands: AtWork) -> None:
        await hands.sees(lambda: "LIVE · disarmed (F12)" in hands.status)
        assert await hands.orders("b 10 ABC mkt") is OrderStatus.DENIED
        await hands.pilot.press("f12")
        assert isinstance(hands.pilot.app.screen, ArmingScreen)
        await hands.types("paper-1")
        await hands.sees(lambda: "not the account's name" in hands.answer)
        assert hands.pilot.app.screen.query_one(Input).value == ""
        await hands.types("PAPER-1")
        await hands.sees(lambda: hands.pilot.app.screen is hands.screen)
        await hands.sees(lambda: "LIVE · ARMED" in hands.status)
        assert await hands.orders("b 10 ABC mkt") is not OrderStatus.DENIED
        await hands.pilot.press("f12")
        await hands.sees(lambda: "LIVE · disarmed (F12)" in hands.status)
        assert await hands.orders("b 10 ABC mkt") is OrderStatus.DENIED

    working(tmp_path, AccountMode.LIVE, script)


def test_a_screen_that_is_left_twice_takes_the_desk_beneath_it_not_away(tmp_path: Path) -> None:
    async def script(hands: AtWork) -> None:
        await hands.pilot.press("f12")
        arming = hands.pilot.app.screen
        assert isinstance(arming, ArmingScreen)
        arming.dismiss()
        arming.dismiss()
        await hands.pilot.pause()
        assert hands.pilot.app.screen is hands.screen

    working(tmp_path, AccountMode.LIVE, script)


def test_a_paper_account_is_disarmed_by_the_key_and_armed_without_a_name(tmp_path: Path) -> None:
    async def script(hands: AtWork) -> None:
        hands.screen.type_line("b 5 ABC mkt")
        await hands.pilot.pause(GUARD_S)
        await hands.pilot.press("enter")
        assert hands.is_reviewed()
        await hands.pilot.press("f12")
        assert not hands.is_reviewed()
        await hands.sees(lambda: "DISARMED F12" in hands.status)
        assert await hands.orders("b 10 ABC mkt") is OrderStatus.DENIED
        await hands.pilot.click("#status", offset=(hands.status.index("DISARMED"), 0))
        await hands.sees(lambda: "DISARMED" not in hands.status)
        await hands.sees(lambda: "needs no name" in (hands.screen.line.composer.notice or ("",))[0])
        assert await hands.orders("b 10 ABC mkt") is not OrderStatus.DENIED

    working(tmp_path, AccountMode.SIMULATED, script)


# On an engine that stands still


def test_the_dialog_takes_text_and_only_enter_asks_and_escape_leaves(tmp_path: Path) -> None:
    app = live_app(tmp_path, DISARMED)

    async def script(pilot: Pilot[None]) -> None:
        await settled(pilot)
        await pilot.press("f12")
        app.post_message(Paste("MAIN\nMAIN\r\n"))
        await pilot.pause()
        assert app.screen.query_one(Input).value == "MAIN"
        await pilot.press("escape")
        assert isinstance(app.screen, TradeScreen)
        await pilot.click("#status", offset=(18, 0))
        assert app.screen.query_one(Input).value == ""
        await pilot.press(*"MA", "f7", "enter", "escape")
        desk = app.screen
        assert isinstance(desk, TradeScreen)
        desk.desk.arming = None
        await pilot.press("f12")
        assert desk.line.composer.notice == ("the desk begins: nothing can be armed yet", "muted")

    drive(app, script)
    assert app.engine.told == [CancelAll(origin="key"), ArmTrading("MA")]  # type: ignore[attr-defined]  # a still one


# How it looks


@pytest.fixture
def all_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw for a terminal with all colours, whatever the tests run in."""
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLORTERM", "truecolor")
    monkeypatch.delenv("NO_COLOR", raising=False)


@pytest.mark.usefixtures("all_colours")
def test_an_armed_live_account(snap_compare: Compare, tmp_path: Path) -> None:
    app = live_app(tmp_path, ArmingView(needs_name=True))
    assert snap_compare(app, terminal_size=(80, 24), run_before=settled)


@pytest.mark.usefixtures("all_colours")
def test_a_disarmed_live_account_that_is_being_armed(snap_compare: Compare, tmp_path: Path) -> None:
    async def ask(pilot: Pilot[None]) -> None:
        await settled(pilot)
        await pilot.press("f12")
        pilot.app.screen.query_one(Input).cursor_blink = False
        await pilot.press(*"MAI")

    assert snap_compare(live_app(tmp_path, DISARMED), terminal_size=(160, 48), run_before=ask)
