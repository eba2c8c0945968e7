"""The keys that get out, on every screen that the desk can show."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, cast

import pytest
from msgspec.structs import replace
from textual.command import CommandPalette
from textual.pilot import Pilot
from textual.screen import Screen

from engine.messages.commands import CancelAll, Command, Flatten, SetTradingState, TradingState
from engine.messages.comparison_views import ReconcilePhase, ReconcileView, RecoveryView
from engine.messages.views import Frame
from engine.model.instrument import Symbol
from terminal.actions.table import BY_ID
from terminal.screens.breaks import BreakBoard
from terminal.screens.health_page import HealthPage
from terminal.screens.help import HelpScreen
from terminal.screens.jump import JumpScreen
from terminal.screens.leaving import LeavingScreen
from terminal.screens.reading import ReadingScreen
from terminal.screens.signals_page import SignalsPage
from terminal.screens.trade import TradeScreen
from tests.driving import drive
from tests.frozen_desk import StillEngine, frozen_app, risk, settled, whole_frame
from tests.market_views import NOW_NS
from tests.one_frame import rows

GUARD_S = 0.3
SCREENS: Mapping[str, tuple[tuple[str, ...], type[Screen[Any]]]] = {
    "desk": ((), TradeScreen),
    "order line": (tuple(":b1"), TradeScreen),
    "break board": (("R",), BreakBoard),
    "messages": (("L",), ReadingScreen),
    "health": (("C",), HealthPage),
    "signals": (("P",), SignalsPage),
    "why": (("w",), ReadingScreen),
    "help": (("question_mark",), HelpScreen),
    "palette": (("ctrl+p",), CommandPalette),
    "leaving": (("ctrl+q",), LeavingScreen),
    "jump": (("ctrl+o",), JumpScreen),
}
"""Which keys lead to each screen."""
ONCE: Mapping[str, tuple[Command, ...]] = {
    "f7": (CancelAll(origin="key"),),
    "f8": (SetTradingState(TradingState.HALTED, "halted by key on the desk", tightens=True),),
    "f9": (SetTradingState(TradingState.REDUCING, "reduced by key on the desk", tightens=True),),
}
TWICE: Mapping[str, tuple[Command, ...]] = {
    "f6": (Flatten(Symbol("NVDA"), origin="key"),),
    "f10": (Flatten(origin="key"),),
    "ctrl+k": (
        SetTradingState(TradingState.HALTED, "killed on the desk", tightens=True),
        CancelAll(origin="kill"),
    ),
}
AGAIN = {"f6": "F6 again", "f10": "F10 again", "ctrl+k": "^K again"}


def desk_of(pilot: Pilot[None]) -> TradeScreen:
    return cast("TradeScreen", pilot.app.screen_stack[1])


async def press_all(pilot: Pilot[None], engine: StillEngine) -> None:
    """Press every key that gets out, and check what each sends and says, and that the screen stays."""
    top = pilot.app.screen
    for key, commands in ONCE.items():
        await pilot.press(key)
        assert tuple(engine.told) == commands, key
        engine.told.clear()
    for key, commands in TWICE.items():
        await pilot.press(key)
        assert engine.told == [], key
        await pilot.pause(GUARD_S)
        assert AGAIN[key] in rows(desk_of(pilot).line)[0]
        await pilot.press(key)
        assert tuple(engine.told) == commands, key
        engine.told.clear()
    assert pilot.app.screen is top


def run(
    root: Path,
    script: Callable[[Pilot[None], StillEngine], Awaitable[None]],
    size: tuple[int, int] = (160, 48),
    frame: Frame | None = None,
) -> None:
    app, engine = frozen_app(root, frame=frame)

    async def whole(pilot: Pilot[None]) -> None:
        await script(pilot, engine)

    drive(app, whole, size)


async def visit(pilot: Pilot[None]) -> AsyncIterator[str]:
    """Open one screen after the other, and leave each for the desk; yield its name while it is open."""
    for name, (keys, kind) in SCREENS.items():
        await pilot.press(*keys)
        assert isinstance(pilot.app.screen, kind), name
        yield name
        while pilot.app.screen is not desk_of(pilot) or desk_of(pilot).focused is desk_of(pilot).line:
            await pilot.press("escape")


@pytest.mark.parametrize("size", [(160, 48), (80, 24)], ids=["160x48", "80x24"])
def test_every_key_that_gets_out_works_on_every_screen(tmp_path: Path, size: tuple[int, int]) -> None:
    visited = []

    async def script(pilot: Pilot[None], engine: StillEngine) -> None:
        await settled(pilot)
        async for name in visit(pilot):
            await press_all(pilot, engine)
            visited.append(name)

    run(tmp_path, script, size)
    assert visited == [*SCREENS]


def test_they_work_on_the_page_after_a_crash(tmp_path: Path) -> None:
    async def script(pilot: Pilot[None], engine: StillEngine) -> None:
        while not isinstance(pilot.app.screen, ReadingScreen):
            await pilot.pause(0.05)
        await press_all(pilot, engine)

    view = ReconcileView(ReconcilePhase.AGREED, NOW_NS, NOW_NS, 0, 0, 0, 0, (), ())
    recovered = RecoveryView(True, 1_204, 3, 1, 17, NOW_NS)
    run(tmp_path, script, frame=replace(whole_frame(), reconcile=view, recovery=recovered))


def test_they_work_before_the_desk_is_there_and_the_desk_says_so_later(tmp_path: Path) -> None:
    app, engine = frozen_app(tmp_path)
    for name in ("trade.halt", "trade.cancel_now"):
        app.way_out.press(name, 0)
    assert [type(command) for command in engine.told] == [SetTradingState, CancelAll]


@pytest.mark.parametrize("size", [(160, 48), (80, 24)], ids=["160x48", "80x24"])
def test_nothing_covers_the_line_that_asks_for_the_second_press_nor_the_keys(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    visited = []

    async def script(pilot: Pilot[None], _engine: StillEngine) -> None:
        await settled(pilot)
        async for name in visit(pilot):
            await pilot.pause(GUARD_S)
            await pilot.press("f10")
            await pilot.pause(GUARD_S)
            if pilot.app.screen is not desk_of(pilot):
                seen = seen_rows(pilot)
                assert "F10 again" in seen[-2], name
                assert [key for key in ("F6", "F7", "F8", "F9", "F10", "^K") if key not in seen[-1]] == []
                visited.append(name)
            await pilot.press("f10")

    run(tmp_path, script, size)
    assert visited == [name for name, (_, kind) in SCREENS.items() if kind is not TradeScreen]


def seen_rows(pilot: Pilot[None]) -> list[str]:
    """Return the rows as they are on the terminal, with whatever lies on top."""
    app = pilot.app
    strips = app.screen._compositor.render_strips()
    return ["".join(segment.text for segment in strip) for strip in strips]


def test_on_the_desk_the_key_that_halted_begins_the_line_that_resumes(tmp_path: Path) -> None:
    async def script(pilot: Pilot[None], _engine: StillEngine) -> None:
        await settled(pilot)
        await pilot.press("f8")
        assert "resume" in rows(desk_of(pilot).line)[0]

    halted = replace(risk(), state=TradingState.HALTED)
    run(tmp_path, script, frame=replace(whole_frame(), risk=halted))


def test_reducing_does_not_loosen_a_halt_and_the_desk_says_so(tmp_path: Path) -> None:
    async def script(pilot: Pilot[None], engine: StillEngine) -> None:
        await settled(pilot)
        await pilot.press("f9")
        assert "trading is halted, which is stricter: that stays" in rows(desk_of(pilot).line)[0]
        assert tuple(engine.told) == ONCE["f9"]

    halted = replace(risk(), state=TradingState.HALTED)
    run(tmp_path, script, frame=replace(whole_frame(), risk=halted))


def test_the_palette_finds_them_by_name(tmp_path: Path) -> None:
    async def script(pilot: Pilot[None], engine: StillEngine) -> None:
        await settled(pilot)
        await desk_of(pilot).run_action(BY_ID["trade.halt"].action)
        assert tuple(engine.told) == ONCE["f8"]

    run(tmp_path, script)
