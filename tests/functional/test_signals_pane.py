"""The signals pane of the desk: the keys in it, what it follows, and what is seen where no model predicts."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import pytest
from msgspec.structs import replace
from textual.widgets import Static

from engine.messages.signal_views import SignalsView
from engine.model.instrument import Symbol
from terminal.layouts import PANES
from terminal.screens.reading import ReadingScreen
from terminal.screens.signals_page import SignalsPage
from terminal.widgets.frame import PaneFrame
from terminal.widgets.signal_list import EMPTY
from terminal.widgets.signal_pane import SignalPane
from tests.desk_hands import Hands, Try, trying
from tests.frozen_desk import whole_frame
from tests.one_frame import frames, rows
from tests.signal_views import AAPL, MSFT, NVDA, SHADOW, signal, signals

Size = tuple[int, int]
SIZES = pytest.mark.parametrize(
    "size", [(80, 24), (120, 36), (160, 48), (240, 67)], ids=["80x24", "120x36", "160x48", "240x67"]
)


def at(root: Path, view: SignalsView | None = None) -> Try:
    return trying(root, replace(whole_frame(), signals=view))


def version_at(pane: SignalPane) -> str:
    return pane.cursor[1] if pane.cursor is not None else ""


def symbol_at(pane: SignalPane) -> str:
    return pane.cursor[2] if pane.cursor is not None else ""


@SIZES
def test_0_goes_there_w_says_why_enter_opens_the_page_at_the_row_and_z_zooms(
    tmp_path: Path, size: Size
) -> None:
    async def script(hands: Hands) -> None:
        pane = hands.screen.signals
        shares = "9 Time & Sales · 0 Signals" if size == (160, 48) else "9 Time & Sales"
        assert frames(hands.screen.panes["tape"])[0] == shares
        await hands.press("0")
        assert hands.focused == "signals"
        title, caption = frames(pane)
        assert title == ("0 Signals · 9 Time & Sales" if size == (160, 48) else "0 Signals")
        assert caption == "2 champions · 2 said · none armed"
        nvda = next(y for y, row in enumerate(rows(pane)) if "NVDA" in row)
        assert rows(pane)[nvda].split()[:1] == ["▎"]
        assert {"daily", "▲", "up", "64.2%"} <= set(rows(pane)[nvda].split())
        assert pane._papers[nvda] == "selected"
        await hands.press("k")
        assert hands.screen.desk.focus == MSFT
        await hands.press("w")
        assert isinstance(hands.top, ReadingScreen)
        assert "because out of domain" in str(hands.top.query_one(Static).render())
        await hands.press("escape", "enter")
        page = cast("SignalsPage", hands.top)
        assert isinstance(page, SignalsPage)
        assert page.rows.cursor == pane.cursor
        await hands.press("escape", "z")
        assert set(hands.screen.places) == {"signals"}
        text = "\n".join(rows(pane))
        for told in ("below test", "shadow", "out of domain", "0.541 ["):
            assert told in text

    at(tmp_path, signals())(script, size)


def test_half_of_a_tall_pane_is_for_how_a_version_does_however_many_signals_there_are(
    tmp_path: Path,
) -> None:
    names = [
        Symbol(name) for name in ("AMD", "AMZN", "COST", "GOOGL", "JPM", "LLY", "META", "SPY", "TSLA", "XOM")
    ]
    many = replace(
        signals(), signals=(*(signal(name, SHADOW, "shadow", 0.6) for name in names), *signals().signals)
    )

    async def script(hands: Hands) -> None:
        await hands.press("0")
        pane = hands.screen.signals
        assert (pane.size.height, pane.page) == (17, 8)
        assert any("NVDA" in row for row in rows(pane)[1:9])
        assert rows(pane)[9] == "─" * pane.size.width
        foot = "\n".join(rows(pane)[10:])
        for told in (
            "0.541 here",
            "0.583 test",
            "below test",
            "shadow   ▼ down     44.0%  hit 54.1%",
            "return_5",
        ):
            assert told in foot
        await hands.pilot.click("#signals", offset=(10, 12))
        assert hands.screen.desk.focus == NVDA
        await hands.press("g")
        assert hands.screen.desk.focus == "AMD"
        assert "AMD" in rows(pane)[1]

    at(tmp_path, many)(script, (120, 36))


def test_the_cursor_goes_where_the_desk_looks_and_stays_on_a_row_of_the_same_symbol(tmp_path: Path) -> None:
    async def script(hands: Hands) -> None:
        pane, desk = hands.screen.signals, hands.screen.desk
        assert desk.focus == symbol_at(pane) == NVDA
        hands.screen.focus_symbol(AAPL)
        assert symbol_at(pane) == AAPL
        await hands.press("0", "G", "k")
        assert (version_at(pane), desk.focus) == (SHADOW, NVDA)
        desk.signals = signals()
        pane.redraw()
        assert version_at(pane) == SHADOW
        hands.screen.focus_symbol(Symbol("XOM"))
        assert version_at(pane) == SHADOW

    at(tmp_path, signals())(script, (240, 67))


def test_without_a_model_nothing_tells_of_signals_until_0_which_says_what_to_do(tmp_path: Path) -> None:
    async def script(hands: Hands) -> None:
        assert "Sig" not in hands.row("#tabs")
        assert "Model" not in rows(hands.screen.quotes)[0]
        assert frames(hands.screen.panes["tape"])[0] == "9 Time & Sales"
        await hands.press("shift+tab")
        assert hands.focused == "tape"
        await hands.press("0")
        said = " ".join(" ".join(rows(hands.screen.signals)[1:]).split())
        assert said == EMPTY
        assert "0 Sig" in hands.row("#tabs")
        frame = cast("PaneFrame", hands.screen.quotes.parent)
        title = frame._border_title
        await hands.press("w", "escape", "enter", "z", "z", "tab")
        assert hands.focused == "quotes"
        assert frame._border_title is title, "a title that is set anew has its whole border painted"
        await hands.press("shift+tab")
        assert hands.focused == "tape"

    at(tmp_path)(script, (80, 24))


def test_models_that_are_told_of_later_come_beside_the_tape_and_into_the_quotes(tmp_path: Path) -> None:
    async def script(hands: Hands) -> None:
        screen = hands.screen
        assert set(screen.places) == set(PANES) - {"signals"}
        screen._take_frame(replace(whole_frame(), signals=signals()))
        await hands.pilot.pause(0.1)
        assert set(screen.places) == set(PANES)
        assert any("64.2%" in row for row in rows(screen.signals))
        head, *quotes = rows(screen.quotes)
        assert head.endswith("Model")
        assert [row.split()[-1] for row in quotes[:3]] == ["▲64%", "▼69%", "·"]

    at(tmp_path)(script, (240, 67))
