"""The signals page: what is said, why, how well, and whether orders come of it."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import pytest
from msgspec.structs import replace
from textual.pilot import Pilot
from textual.widgets import Input, Static

from engine.messages.commands import ArmSignals, DisarmSignals
from engine.messages.events import Severity
from engine.messages.signal_views import Figure, SignalsView, SignalTrading
from engine.messages.views import Alert
from terminal.screens.reading import ReadingScreen
from terminal.screens.signal_arming import SignalArmingScreen
from terminal.screens.signals_page import SignalsPage
from terminal.screens.trade import TradeScreen
from terminal.widgets.signal_words import bps, compared
from tests.frozen_desk import StillEngine, whole_frame
from tests.frozen_pages import Script, at_page, rows_on
from tests.market_views import NOW_NS
from tests.signal_views import CHAMPION, SHADOW, signals

SIZES = pytest.mark.parametrize("size", [(160, 48), (80, 24)], ids=["160x48", "80x24"])

ROWS = [
    "AAPL daily ▼ down 31.0%",
    "MSFT daily – silent –",  # noqa: RUF001  # dashes
    "NVDA daily ▲ up 64.2%",
    "NVDA daily ▼ down 44.0%",
]  # dashes


def at(
    root: Path, script: Script, view: SignalsView | None = None, size: tuple[int, int] = (160, 48)
) -> StillEngine:
    return at_page(root, script, replace(whole_frame(), signals=view), size, key="P")


def text_of(pilot: Pilot[None]) -> str:
    return str(pilot.app.screen.query_one(Static).render())


def page_of(pilot: Pilot[None]) -> SignalsPage:
    return cast("SignalsPage", pilot.app.screen)


@SIZES
def test_each_row_says_which_way_how_likely_by_whom_and_the_detail_says_how_well(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    async def script(pilot: Pilot[None]) -> None:
        lines = rows_on(pilot)
        assert "Signals · 2 champions · 2 said · none armed" in lines[0]
        assert [" ".join(line.lstrip("│▎◇ ").split()[:5]) for line in lines[2:6]] == ROWS
        assert "intraday" in lines[6]
        nvda = next(line for line in lines if "64.2%" in line)
        for told in ("+4.2 bp", CHAMPION[:7], "champion", "watch"):
            assert told in nvda
        await pilot.press("j", "j")
        await pilot.pause(0.1)
        text = "\n".join(rows_on(pilot))
        for told in (
            "0.541 [0.512, 0.569]",
            "0.583 [0.575, 0.590]",
            "below test",
            "○ off",
            "14 fills, net +49.40",
        ):
            assert told in text
        if size[0] >= 110:
            for told in ("return_5", "▼ ━━━", "beside this champion", SHADOW[:8], "PSI 0.184"):
                assert told in text

    at(tmp_path, script, signals(), size)


def test_w_says_why_and_enter_everything_with_what_to_do(tmp_path: Path) -> None:
    async def script(pilot: Pilot[None]) -> None:
        await pilot.press("j", "w")
        assert isinstance(pilot.app.screen, ReadingScreen)
        said = text_of(pilot)
        assert "It says nothing of MSFT since the bar" in said
        assert "because out of domain: 2 of 12 features" in said
        assert "\x1b" not in said
        await pilot.press("escape", "enter")
        said = text_of(pilot)
        for told in (
            "hit rate",
            "below test",
            "50% to 60%",
            "What to do",
            "it is asked about what its training never",
        ):
            assert told in said
        await pilot.press("escape", "j", "w")
        said = text_of(pilot)
        assert "because return_5 moved its score up by 0.420" in said
        assert "because off after every start; arming asks for its name" in said
        await pilot.press("escape", "escape")
        assert isinstance(pilot.app.screen, TradeScreen)

    at(tmp_path, script, signals())


def test_arming_asks_for_the_name_and_tells_a_refusal(tmp_path: Path) -> None:
    async def script(pilot: Pilot[None]) -> None:
        await pilot.press("a")
        screen = pilot.app.screen
        assert isinstance(screen, SignalArmingScreen)
        assert "on paper" in str(screen.query_one(Static).render())
        await pilot.press(*"dayly", "enter")
        desk = cast("TradeScreen", pilot.app.screen_stack[1]).desk
        desk.alerts.append(
            Alert(Severity.WARNING, "signals", "daily stays off: that is not the model's name", NOW_NS)
        )
        await pilot.pause(0.3)
        assert "stays off" in str(screen.query_one("#arming-answer", Static).render())
        assert screen.query_one(Input).value == ""
        await pilot.press(*"daily", "enter")
        desk.signals = signals(SignalTrading.ARMED)
        await pilot.pause(0.3)
        assert isinstance(pilot.app.screen, SignalsPage)
        assert "daily armed" in rows_on(pilot)[0]
        await pilot.press("a")
        assert "armed already" in "\n".join(rows_on(pilot))
        await pilot.press("d")

    told = at(tmp_path, script, signals()).told
    assert told == [
        ArmSignals("daily", "dayly"),
        ArmSignals("daily", "daily"),
        DisarmSignals("daily", "by hand"),
    ]


def test_a_shadow_and_nothing_at_all_can_not_be_armed(tmp_path: Path) -> None:
    async def shadow(pilot: Pilot[None]) -> None:
        await pilot.press("j", "j", "j", "a")
        assert "only a champion can be armed" in "\n".join(rows_on(pilot))

    async def nothing(pilot: Pilot[None]) -> None:
        assert "touchline models train, then [[signals]] in config" in "\n".join(rows_on(pilot))
        await pilot.press("a", "d", "w", "enter")
        assert isinstance(pilot.app.screen, SignalsPage)

    assert at(tmp_path / "1", shadow, signals()).told == []
    assert at(tmp_path / "2", nothing).told == []


def test_a_registry_that_can_not_be_read_says_why(tmp_path: Path) -> None:
    async def script(pilot: Pilot[None]) -> None:
        assert "no model is registered yet" in "\n".join(rows_on(pilot))

    at(tmp_path, script, SignalsView(registry="no model is registered yet: touchline models add"))


@pytest.mark.parametrize(
    ("live", "tested", "said"),
    [
        ((0.50, 0.48, 0.52), (0.60, 0.58, 0.62), "below test"),
        ((0.70, 0.68, 0.72), (0.60, 0.58, 0.62), "above test"),
        ((0.57, 0.48, 0.66), (0.60, 0.58, 0.62), "as tested"),
        ((0.50, 0.50, 0.50), (0.60, 0.58, 0.62), "lower"),
        ((0.70, 0.70, 0.70), (0.60, 0.58, 0.62), "higher"),
    ],
    ids=["below", "above", "inside", "no-interval-lower", "no-interval-higher"],
)
def test_only_an_interval_can_say_that_a_score_is_not_the_back_tests(
    live: tuple[float, float, float], tested: tuple[float, float, float], said: str
) -> None:
    assert compared(Figure("auc", *live), Figure("auc", *tested))[0] == said


@pytest.mark.parametrize(("value", "said"), [(-0.04, "0.0 bp"), (0.05, "+0.1 bp"), (-1.26, "-1.3 bp")])
def test_basis_points_that_are_rounded_to_nothing_have_no_sign(value: float, said: str) -> None:
    assert bps(value) == said.replace("+0.1", f"{round(value, 1):+.1f}")


@SIZES
def test_the_status_line_says_which_model_trades(tmp_path: Path, size: tuple[int, int]) -> None:
    async def script(pilot: Pilot[None]) -> None:
        await pilot.press("escape")
        await pilot.pause(0.1)
        status = "".join(segment.text for segment in pilot.app.screen._compositor.render_strips()[0])
        assert ("● daily trades" if size[0] > 100 else "● daily") in status

    at(tmp_path, script, signals(SignalTrading.ARMED), size)
