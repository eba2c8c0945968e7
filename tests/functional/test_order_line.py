from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from functools import wraps

from rich.color import ColorSystem
from textual import on
from textual.app import App, ComposeResult
from textual.events import Event, Paste
from textual.widgets import Input, Static

from engine.clock import NS_PER_MS
from engine.config import DeskSettings
from engine.ids import OrderIds
from engine.messages.commands import CancelAll, SubmitOrder
from engine.messages.events import Denial
from engine.messages.views import OrderPreview
from engine.model.market_state import Trust
from engine.model.order import OrderRequest
from terminal.orderline.intents import Action
from terminal.screens.help import HelpScreen
from terminal.strips import Ink
from terminal.theming import load_themes
from terminal.widgets.hints import KeyHints
from terminal.widgets.order_line import OrderLine
from tests.orderline_desk import desk


def on_a_loop(test: Callable[[], Coroutine[None, None, None]]) -> Callable[[], None]:
    @wraps(test)
    def run() -> None:
        asyncio.run(test())

    return run


class LineApp(App[None]):
    """The order line and the hints, with a clock that the test moves."""

    def __init__(self) -> None:
        self.theme_roles = load_themes()["dark"]
        super().__init__()
        self.ink = Ink(self.theme_roles.roles, ColorSystem.TRUECOLOR)
        self.desk = desk(held=100)
        self.now_ns = 10**12
        self.sent: list[Action] = []
        self.asked: list[OrderRequest] = []
        self.left = 0

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return self.theme_roles.textual().variables

    def compose(self) -> ComposeResult:
        arrived: Callable[[Event], int] = lambda _event: self.tick()  # noqa: E731
        yield OrderLine(
            self.desk,
            self.ink,
            id="line",
            ids=OrderIds(0),
            account="PAPER-1",
            settings=DeskSettings(),
            arrived=arrived,
        )
        yield KeyHints(self.desk, self.ink, id="hints")

    def tick(self, ms: int = 50) -> int:
        self.now_ns += ms * NS_PER_MS
        return self.now_ns

    @property
    def line(self) -> OrderLine:
        return self.query_one(OrderLine)

    def row(self, of: str = "#line") -> str:
        widget = self.query_one(of)
        strips = widget.render_lines(widget.region.reset_offset)
        return "".join(segment.text for segment in strips[0])

    @on(OrderLine.Submitted)
    def _submitted(self, message: OrderLine.Submitted) -> None:
        self.sent.append(message.action)

    @on(OrderLine.PreviewWanted)
    def _wanted(self, message: OrderLine.PreviewWanted) -> None:
        self.asked.append(message.request)

    @on(OrderLine.Left)
    def _left(self) -> None:
        self.left += 1


def preview(request: OrderRequest, *denials: Denial) -> OrderPreview:
    return OrderPreview(
        request,
        denials,
        (),
        90_250_000_000,
        600,
        151_000_000_000,
        300,
        400_000_000,
        "SIM",
        Trust.GOOD,
        189_500,
    )


@on_a_loop
async def test_an_order_is_typed_reviewed_and_sent() -> None:
    app = LineApp()
    async with app.run_test(size=(160, 4)) as pilot:
        app.line.open()
        await pilot.press(*"b 500 aapl @189.5")
        assert "BUY 500 AAPL LMT 189.50 DAY" in app.row()
        assert "lmt day" in app.row() or " day" in app.row()
        await pilot.press("enter")
        assert "SEND" in app.row()
        app.line.take_preview(preview(app.asked[-1]))
        await pilot.pause()
        assert "≈ 90,250" in app.row()
        await pilot.press("enter")
        assert app.sent == []
        app.tick(300)
        await pilot.press("enter")
        await pilot.pause()
        assert [type(action) for action in app.sent] == [SubmitOrder]
        assert "BUY" not in app.row()


@on_a_loop
async def test_the_gates_refusal_is_shown_with_the_largest_size_that_would_pass() -> None:
    app = LineApp()
    async with app.run_test(size=(160, 4)) as pilot:
        app.line.open()
        await pilot.press(*"b 500 aapl bid")
        await pilot.pause()
        denial = Denial("position_limit", "position would be 3,200, limit 2,000")
        app.line.take_preview(preview(app.asked[-1], denial))
        assert "! position would be 3,200, limit 2,000  max 300" in app.row()


@on_a_loop
async def test_an_answer_about_another_order_is_dropped() -> None:
    app = LineApp()
    async with app.run_test(size=(160, 4)) as pilot:
        app.line.open()
        await pilot.press(*"b 5 aapl bid")
        await pilot.pause()
        early = app.asked[-1]
        await pilot.press("backspace", "backspace", "backspace", *"ask")
        app.line.take_preview(preview(early))
        assert "≈" not in app.row()


@on_a_loop
async def test_a_paste_with_line_ends_is_one_line_and_sends_nothing() -> None:
    app = LineApp()
    async with app.run_test(size=(160, 4)) as pilot:
        app.line.open()
        app.line.post_message(Paste("xx\nb 100 aapl mkt\n"))
        await pilot.pause()
        assert app.sent == []
        assert "xx b 100 aapl mkt" in app.row()


@on_a_loop
async def test_a_line_that_is_refused_says_why() -> None:
    app = LineApp()
    async with app.run_test(size=(160, 4)) as pilot:
        app.line.open()
        await pilot.press(*"b 100 200", "enter")
        assert "is 200 a price? Write @200" in app.row()


@on_a_loop
async def test_tab_completes_a_symbol_and_history_brings_lines_back() -> None:
    app = LineApp()
    async with app.run_test(size=(160, 4)) as pilot:
        app.line.open()
        await pilot.press(*"x btc", "tab", "enter")
        await pilot.pause()
        assert isinstance(app.sent[-1], CancelAll)
        assert app.sent[-1].symbol == "BTC-USD"
        await pilot.press("up")
        assert "x btc-usd" in app.row()


@on_a_loop
async def test_the_line_edits_like_a_shell() -> None:
    app = LineApp()
    async with app.run_test(size=(160, 4)) as pilot:
        app.line.open()
        await pilot.press(*"b 100 aapl mkt", "ctrl+w", *"bid", "ctrl+a", "delete", "s", "ctrl+e", *" ro")
        assert app.line.composer.editor.text == "s 100 aapl bid ro"
        await pilot.press("ctrl+u")
        assert app.line.composer.editor.text == ""


@on_a_loop
async def test_escape_unstages_then_clears_then_leaves() -> None:
    app = LineApp()
    async with app.run_test(size=(160, 4)) as pilot:
        app.line.open()
        await pilot.press(*"b 1 aapl mkt", "enter", "escape")
        assert app.line.composer.editor.text == "b 1 aapl mkt"
        assert not app.line.composer.staged
        await pilot.press("escape", "escape")
        await pilot.pause()
        assert (app.line.composer.editor.text, app.left) == ("", 1)


@on_a_loop
async def test_losing_the_focus_unstages() -> None:
    app = LineApp()
    async with app.run_test(size=(160, 4)) as pilot:
        app.line.open()
        await pilot.press(*"b 1 aapl mkt", "enter")
        app.set_focus(None)
        await pilot.pause()
        assert not app.line.composer.staged


@on_a_loop
async def test_a_key_begins_an_order_that_typing_replaces() -> None:
    app = LineApp()
    async with app.run_test(size=(160, 4)) as pilot:
        app.line.begin("b", "bid")
        await pilot.pause()
        assert "b▏ 100 AAPL bid" in app.row()
        await pilot.press(*" 7 aapl ask")
        assert "BUY 7 AAPL LMT ask 189.36" in app.row()


@on_a_loop
async def test_a_narrow_line_keeps_the_cursor_and_its_width() -> None:
    app = LineApp()
    async with app.run_test(size=(40, 4)) as pilot:
        app.line.open()
        await pilot.press(*("b 100 aapl ask+.05 " * 3), "é", "語")
        assert "語▏" in app.row()
        assert app.query_one("#line").render_lines(app.line.region.reset_offset)[0].cell_length == 40


@on_a_loop
async def test_hints_show_the_panes_keys_and_the_users_own() -> None:
    app = LineApp()
    async with app.run_test(size=(160, 4)) as pilot:
        hints = app.query_one(KeyHints)
        hints.show("chart")
        await pilot.pause()
        assert "t timeframe" in app.row("#hints")
        assert "AAPL  ^K KILL" in app.row("#hints")
        hints.show("", typing=True)
        assert "F7 cancel all" in app.row("#hints")


@on_a_loop
async def test_the_help_fits_the_smallest_desk_and_is_searched() -> None:
    app = LineApp()
    async with app.run_test(size=(80, 24)) as pilot:
        await app.push_screen(HelpScreen({"trade.buy": "y"}))
        await pilot.pause()
        text = app.screen.query_one("#help-text", Static)
        assert "b 100 AAPL 189.5" in str(text.content)
        assert app.screen.size == (80, 24)
        await pilot.press("pagedown", "down")
        await pilot.press(*"cancel all")
        await pilot.pause()
        assert "even while typing" in str(text.content)
        assert "timeframe" not in str(text.content)
        await pilot.press("escape")
        assert app.screen.query_one(Input).value == ""
        await pilot.press("escape")
        await pilot.pause()
        assert not isinstance(app.screen, HelpScreen)
