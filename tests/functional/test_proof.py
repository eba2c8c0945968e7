"""What lets more happen than before asks for the password: in a dialog on the desk, at the prompt of another shell."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import cast

import pytest
from msgspec.structs import replace
from textual.pilot import Pilot
from textual.widgets import Input, Static

from engine.config import DeskSettings
from engine.control.client import ask
from engine.control.requests import Answer, Code, Proof, SetState
from engine.engine import Engine
from engine.messages.commands import Prove, SetTradingState, TradingState
from engine.messages.lock_views import LockView
from engine.model.account import AccountMode
from engine.rooms import Rooms
from engine.security.audit.log import entries_in
from terminal.app import DeskApp
from terminal.screens.arming import ArmingScreen
from terminal.screens.lock import LockScreen
from terminal.screens.proof import ProofScreen
from terminal.screens.trade import TradeScreen
from terminal.shell import control_commands
from tests.driving import drive, sees
from tests.engine_rooms import composed
from tests.frozen_desk import frozen_app, whole_frame
from tests.signed_in import GOOD, signed_in

Compare = Callable[..., bool]
HALT = SetTradingState(TradingState.HALTED, "bad fills")
RESUME = SetTradingState(TradingState.ACTIVE, "well")
RELEASE = "let everything trade again (bad fills)"


def is_now(rooms: Rooms, state: TradingState) -> bool:
    return rooms.halts.said.state is state


class AtDesk:
    """Hands at a desk where ann signed in long ago."""

    def __init__(self, pilot: Pilot[None], engine: Engine, rooms: Rooms) -> None:
        self.pilot, self.engine, self.rooms = pilot, engine, rooms

    @property
    def desk(self) -> TradeScreen:
        return cast("TradeScreen", self.pilot.app.screen_stack[1])

    @property
    def is_asked(self) -> bool:
        screen = self.pilot.app.screen
        return isinstance(screen, ProofScreen) and isinstance(screen.focused, Input)

    @property
    def is_at_desk(self) -> bool:
        return self.pilot.app.screen is self.desk

    def reads(self, text: str) -> bool:
        said = " ".join(str(each.render()) for each in self.pilot.app.screen.query(Static))
        return text in " ".join(said.split())

    async def sees(self, is_so: Callable[[], bool]) -> None:
        await sees(self.pilot, is_so)

    async def asks_to_resume(self) -> None:
        """Halt and resume, and wait for the question of who that is."""
        await self.sees(lambda: len(self.pilot.app.screen_stack) > 1 and self.desk.desk.lock is not None)
        self.engine.submit(HALT)
        self.engine.submit(RESUME)
        await self.sees(lambda: self.is_asked)

    async def types(self, text: str) -> None:
        self.pilot.app.screen.query(Input).first().value = text
        await self.pilot.press("enter")


def test_a_desk_that_was_locked_and_opened_between_two_looks_asks_no_more(tmp_path: Path) -> None:
    with composed(tmp_path, mode=AccountMode.LIVE) as rooms:
        engine = signed_in(tmp_path, rooms)
        rooms.proven_ns = None
        app = DeskApp(engine, DeskSettings(), rooms.folders)

        def lock_and_open() -> None:
            engine._lock.lock()
            engine._lock._open()

        async def script(pilot: Pilot[None]) -> None:
            hands = AtDesk(pilot, engine, rooms)
            await hands.asks_to_resume()
            engine._thread.call(lock_and_open)
            await hands.sees(lambda: hands.is_at_desk)

        drive(app, script, (160, 48))
        assert is_now(rooms, TradingState.HALTED)


def test_the_dialog_says_what_for_does_it_for_the_password_and_is_left_by_esc(tmp_path: Path) -> None:
    with composed(tmp_path, mode=AccountMode.LIVE) as rooms:
        engine = signed_in(tmp_path, rooms)
        rooms.proven_ns = None
        app = DeskApp(engine, DeskSettings(), rooms.folders)

        async def script(pilot: Pilot[None]) -> None:
            hands = AtDesk(pilot, engine, rooms)
            await hands.asks_to_resume()
            assert hands.reads(f"To {RELEASE}, type the password of ann.")
            await hands.types("nine green herons by Wick")
            await hands.sees(
                lambda: hands.reads("Nothing was done: the name, the password or the code is wrong")
            )
            await pilot.press("escape")
            await hands.sees(lambda: hands.is_at_desk)
            assert is_now(rooms, TradingState.HALTED)
            engine.submit(RESUME)
            await hands.sees(lambda: hands.is_asked)
            await hands.types(GOOD)
            await hands.sees(lambda: hands.is_at_desk)
            assert is_now(rooms, TradingState.ACTIVE)
            rooms.proven_ns = None
            await pilot.press("f12")
            await hands.sees(lambda: isinstance(pilot.app.screen, ArmingScreen))
            await hands.types("PAPER-1")
            await hands.sees(lambda: hands.is_asked)
            assert hands.reads("To arm PAPER-1, type the password of ann.")
            await hands.types(GOOD)
            await hands.sees(lambda: hands.is_at_desk)
            assert rooms.arming.armed
            rooms.proven_ns = None
            engine.submit(HALT)
            engine.submit(RESUME)
            await hands.sees(lambda: hands.is_asked)
            engine._thread.call(engine._lock.lock, "no key for 15 minutes")
            await hands.sees(lambda: isinstance(pilot.app.screen, LockScreen))
            await hands.types(GOOD)
            await hands.sees(lambda: hands.is_at_desk)
            assert is_now(rooms, TradingState.HALTED)

        drive(app, script, (160, 48))
        acts = [entry.what for entry in entries_in(rooms.folders.data / "audit.log")]
        assert acts.count("proof") == 2
        assert acts.count("sign-in-failed") == 1


def test_another_shell_is_asked_for_the_password_and_lets_trading_go_on_with_it_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def says(proof: Proof | None = None, state: TradingState = TradingState.ACTIVE) -> Answer:
        return ask(rooms.folders.data, SetState(state=state, reason="shell", proof=proof), 10)

    def resumes(typed: str) -> int:
        monkeypatch.setattr("sys.stdin", io.StringIO(typed))
        return control_commands._say(
            control_commands._with_proof(SetState(state=TradingState.ACTIVE, reason="shell"))
        )

    with composed(tmp_path) as rooms:
        engine = signed_in(tmp_path, rooms)
        monkeypatch.setattr(control_commands, "standard_folders", lambda: rooms.folders)
        engine.start()
        try:
            assert says(state=TradingState.HALTED).code is Code.PROVEN
            refused = says()
            assert (refused.code, refused.wants is not None and refused.wants.operator) == (
                Code.UNPROVEN,
                "ann",
            )
            wrong = says(Proof(password="geese"))
            assert (wrong.code, wrong.wants) == (Code.UNPROVEN, None)
            assert wrong.text.endswith("halted: shell; the name, the password or the code is wrong")
            assert resumes("") == Code.UNPROVEN
            assert "takes the password of ann" in capsys.readouterr().out
            assert is_now(rooms, TradingState.HALTED)
            assert resumes(f"{GOOD}\n") == Code.PROVEN
            assert capsys.readouterr().out == "everything is active\n"
            engine.submit(HALT)
            assert says(Proof(password=GOOD), TradingState.REDUCING).code is Code.PROVEN
            assert says(Proof(password="geese"), TradingState.HALTED).code is Code.PROVEN
        finally:
            engine.stop()
    assert "geese" not in repr(Proof(password="geese"))


def test_a_code_is_asked_for_where_one_is_wanted(tmp_path: Path) -> None:
    lock = LockView("ann", wants_code=True, asked=1, what=RELEASE, command=RESUME)
    app, engine = frozen_app(tmp_path, frame=replace(whole_frame(), lock=lock))

    async def script(pilot: Pilot[None]) -> None:
        while not (isinstance(app.screen, ProofScreen) and isinstance(app.screen.focused, Input)):
            await pilot.pause(0.02)
        await pilot.press(*"geese", "enter", *"123456", "enter")
        assert "geese" not in app.export_screenshot()

    drive(app, script)
    (sent,) = [each for each in engine.told if isinstance(each, Prove)]
    assert (sent.password, sent.code, sent.command, sent.what) == ("geese", "123456", RESUME, RELEASE)


@pytest.fixture
def all_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw for a terminal with all colours, whatever the tests run in."""
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLORTERM", "truecolor")
    monkeypatch.delenv("NO_COLOR", raising=False)


@pytest.mark.usefixtures("all_colours")
def test_a_desk_that_asks_for_a_proof(snap_compare: Compare, tmp_path: Path) -> None:
    lock = LockView("ann", asked=1, what=RELEASE, command=RESUME)
    app, _ = frozen_app(tmp_path, frame=replace(whole_frame(), lock=lock))

    async def shown(pilot: Pilot[None]) -> None:
        while not (isinstance(app.screen, ProofScreen) and app.screen.query(Input)):
            await pilot.pause(0.02)
        app.screen.query_one(Input).cursor_blink = False
        await pilot.press(*"geese")

    assert snap_compare(app, terminal_size=(80, 24), run_before=shown)
