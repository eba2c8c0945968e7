"""The desk under hands: keys, mouse and the order line, on a still engine and on the simulated market."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace
from textual.events import Key
from textual.keys import _character_to_key
from textual.widget import Widget

from engine.messages.commands import (
    AmendOrder,
    CancelAll,
    CancelOrder,
    Flatten,
    Pause,
    SetSpeed,
    SetTradingState,
    Step,
    SubmitOrder,
    TradingState,
)
from engine.model.instrument import Symbol
from engine.model.trade import Side
from terminal.actions.table import ACTIONS, BY_ID
from terminal.layouts import PANES, number_of
from terminal.screens.help import HelpScreen
from terminal.screens.jump import JumpScreen
from terminal.screens.reading import ReadingScreen
from tests.desk_hands import GUARD_S, Hands, Try, trying
from tests.frozen_desk import whole_frame


@pytest.fixture
def at_desk(tmp_path: Path) -> Try:
    """Return what runs a script at a desk of a size and gives back the engine it spoke to."""
    return trying(tmp_path)


def test_every_action_is_a_method_of_what_its_key_reaches(at_desk: Try) -> None:
    async def script(hands: Hands) -> None:
        for action in ACTIONS:
            name = f"action_{action.action.partition('(')[0]}"
            pane: Widget | None = hands.screen.panes[action.context] if action.context else None
            assert any(hasattr(place, name) for place in (pane, hands.screen, hands.pilot.app) if place), name

    at_desk(script)


def test_every_pane_has_its_number(at_desk: Try) -> None:
    async def script(hands: Hands) -> None:
        for pane in PANES:
            await hands.press(str(number_of(pane)))
            assert hands.focused == hands.screen.pane_in_use == pane

    at_desk(script)


def test_tab_goes_round_the_panes_and_back(at_desk: Try) -> None:
    async def script(hands: Hands) -> None:
        await hands.press("tab")
        assert hands.focused == "chart"
        await hands.press("shift+tab", "shift+tab")
        assert hands.focused == "tape"

    at_desk(script)


def test_zoom_gives_the_screen_to_a_pane_and_back(at_desk: Try) -> None:
    async def script(hands: Hands) -> None:
        await hands.press("3", "z")
        assert set(hands.screen.places) == {"depth"}
        await hands.press("5")
        assert set(hands.screen.places) == {"orders"}
        await hands.press("z")
        assert set(hands.screen.places) == set(PANES) - {"signals"}

    at_desk(script)


def test_on_a_small_terminal_the_tabs_are_clicked(at_desk: Try) -> None:
    async def script(hands: Hands) -> None:
        assert set(hands.screen.places) == {"quotes"}
        column = hands.row("#tabs").index("Orders") + 1
        await hands.pilot.click("#tabs", offset=(column, 0))
        await hands.pilot.pause()
        assert set(hands.screen.places) == {"orders"}
        assert "Orders·3" in hands.row("#tabs")

    at_desk(script, (80, 24))


@pytest.mark.parametrize(
    ("columns", "names"),
    [
        (70, "5 Ord·3 6 Tick 7 Risk!"),
        (80, "5 Orders·3 6 Ticket 7 Risk! 8 Health"),
        (100, "4 Positions  5 Orders·3"),
    ],
)
def test_the_tabs_have_the_longest_names_that_fit(at_desk: Try, columns: int, names: str) -> None:
    async def script(hands: Hands) -> None:
        assert names in hands.row("#tabs")
        assert "9 Tape" in hands.row("#tabs")

    at_desk(script, (columns, 24))


@pytest.mark.parametrize(("count", "said"), [(3, "3 working orders"), (1, "1 working order")])
def test_what_is_cancelled_is_counted(tmp_path: Path, count: int, said: str) -> None:
    frame = whole_frame()

    async def script(hands: Hands) -> None:
        for key in ("X", "f7"):
            await hands.press(key)
            assert hands.said == f"cancelling {said}"

    trying(tmp_path, replace(frame, orders=frame.orders[2:][:count]))(script)


def test_on_a_middle_terminal_four_panes_share_the_screen(at_desk: Try) -> None:
    async def script(hands: Hands) -> None:
        assert set(hands.screen.places) == {"quotes", "depth", "orders", "ticket"}
        await hands.press("2", "8")
        assert set(hands.screen.places) == {"quotes", "chart", "health", "ticket"}

    at_desk(script, (120, 36))


STATUS_OPENS = {
    "TOUCHLINE": "Why · account PAPER-1",
    "PAPER-1": "Why · account PAPER-1",
    "Equity": "Why · account PAPER-1",
    "Day": "Why · account PAPER-1",
    "BP": "Why · account PAPER-1",
    "09:02:11": "Why · account PAPER-1",
    "feed": "Why · feed",
    "OPEN": "Why · NVDA",
    "Open": "orders",
    "BREACH": "risk",
    "HALTED": "risk",
}


@pytest.mark.parametrize("columns", [240, 80])
def test_a_click_on_each_part_of_the_status_line_opens_what_explains_it(at_desk: Try, columns: int) -> None:
    tried = set()

    async def script(hands: Hands) -> None:
        for word, opened in STATUS_OPENS.items():
            start = hands.row("#status").find(word)
            if start < 0:
                continue
            tried.add(word)
            for column in (start, start + len(word) - 1):
                await hands.press("2")
                await hands.pilot.click("#status", offset=(column, 0))
                await hands.pilot.pause()
                if opened in PANES:
                    assert hands.screen.pane_in_use == opened, word
                else:
                    assert isinstance(hands.top, ReadingScreen), word
                    assert hands.top._title == opened
                    await hands.press("escape")
                    assert not isinstance(hands.pilot.app.screen, ReadingScreen)

    at_desk(script, (columns, 24))
    assert tried >= ({"TOUCHLINE", "BREACH", "Day"} if columns == 80 else set(STATUS_OPENS))


def test_a_click_between_two_parts_of_the_status_line_opens_nothing(at_desk: Try) -> None:
    async def script(hands: Hands) -> None:
        gap = hands.row("#status").index("PAPER-1") - 1
        await hands.pilot.click("#status", offset=(gap, 0))
        await hands.pilot.click("#status", offset=(159, 0))
        assert hands.top is hands.screen
        assert hands.screen.pane_in_use == "quotes"

    at_desk(script)


def test_a_click_on_a_quote_looks_at_its_symbol(at_desk: Try) -> None:
    async def script(hands: Hands) -> None:
        await hands.pilot.click("#quotes", offset=(4, 3))
        await hands.pilot.pause()
        assert hands.screen.desk.focus == "MSFT"

    at_desk(script)


def test_the_cursor_of_the_portfolio_and_enter_lead_to_the_chart(at_desk: Try) -> None:
    async def script(hands: Hands) -> None:
        await hands.press("4", "j")
        await hands.pilot.pause()
        assert hands.screen.desk.focus == "AAPL"
        await hands.press("enter")
        await hands.pilot.pause()
        assert hands.focused == "chart"

    at_desk(script)


def test_o_sorts_the_quotes_and_f_narrows_them(at_desk: Try) -> None:
    async def script(hands: Hands) -> None:
        before = hands.row("#quotes", 1)
        await hands.press("o")
        sorted_row = hands.row("#quotes", 1)
        assert sorted_row != before
        await hands.press("f", "x", "o", "enter")
        assert "XOM" in hands.row("#quotes", 1)
        assert hands.row("#quotes", 2).strip() == ""

    at_desk(script)


def test_t_shows_longer_bars(at_desk: Try) -> None:
    async def script(hands: Hands) -> None:
        before = hands.screen.bridge.view.bar_interval_ns
        await hands.press("2", "t")
        await hands.pilot.pause()
        assert hands.screen.bridge.view.bar_interval_ns > before

    at_desk(script)


@pytest.mark.parametrize(
    ("key", "side", "price"), [("b", "b", "bid"), ("s", "s", "ask"), ("B", "b", "ask"), ("S", "s", "bid")]
)
def test_a_side_begins_an_order_at_its_price(at_desk: Try, key: str, side: str, price: str) -> None:
    async def script(hands: Hands) -> None:
        await hands.press(key)
        assert hands.focused == "line"
        assert hands.line == side
        assert price in hands.row("#line")

    at_desk(script)


@pytest.mark.parametrize(("key", "share"), [("e", "pos/2"), ("E", "pos")])
def test_the_exits_begin_a_reduce_only_line(at_desk: Try, key: str, share: str) -> None:
    async def script(hands: Hands) -> None:
        await hands.press(key)
        assert hands.line == f"s {share} NVDA mkt ro"

    at_desk(script)


def test_to_close_a_position_that_has_a_stop_takes_the_stop_along(tmp_path: Path) -> None:
    frame = whole_frame()
    stopped = tuple(replace(order, reduce_only=order.side is Side.SELL) for order in frame.orders)

    async def script(hands: Hands) -> None:
        await hands.press("E")
        assert hands.line == "flat NVDA"
        assert "cancels first" in hands.row("#line")
        await hands.press("escape", "escape", "escape", "e")
        assert hands.line == "s pos/2 NVDA mkt ro"

    trying(tmp_path, replace(frame, orders=stopped))(script)


def test_there_is_nothing_to_exit_where_nothing_is_held(at_desk: Try) -> None:
    async def script(hands: Hands) -> None:
        hands.screen.focus_symbol(Symbol("MSFT"))
        await hands.press("e")
        assert hands.line == ""
        assert "no position in MSFT" in hands.said

    at_desk(script)


def test_keys_typed_faster_than_the_screen_are_text_not_shortcuts(at_desk: Try) -> None:
    async def script(hands: Hands) -> None:
        app = hands.pilot.app
        for character in ":X 5 b mkt":
            app.post_message(Key(_character_to_key(character), character))
        await hands.pilot.pause(0.1)
        assert hands.line == "X 5 b mkt"

    engine = at_desk(script)
    assert engine.told == []


def test_an_order_is_reviewed_then_sent(at_desk: Try) -> None:
    async def script(hands: Hands) -> None:
        await hands.press(*(":", "b", "space", "5", "space", "m", "k", "t"))
        await hands.pilot.pause(GUARD_S)
        await hands.press("enter")
        assert hands.engine.told == []
        await hands.pilot.pause(GUARD_S)
        await hands.press("enter")
        await hands.pilot.pause()

    (sent,) = at_desk(script).told
    assert isinstance(sent, SubmitOrder)
    assert (sent.request.symbol, sent.request.side, sent.request.quantity) == ("NVDA", Side.BUY, 5)


def test_x_cancels_the_order_under_the_cursor_and_only_that(at_desk: Try) -> None:
    async def script(hands: Hands) -> None:
        await hands.press("5", "j", "x")

    assert at_desk(script).told == [CancelOrder("test-4", origin="key")]


def test_x_on_an_order_that_ended_cancels_nothing(at_desk: Try) -> None:
    async def script(hands: Hands) -> None:
        await hands.press("5", "G", "x")
        await hands.pilot.pause()
        assert "nothing to cancel" in hands.said

    assert at_desk(script).told == []


def test_x_elsewhere_cancels_the_symbols_orders_and_X_all(at_desk: Try) -> None:  # noqa: N802
    async def script(hands: Hands) -> None:
        await hands.press("x", "X")

    assert at_desk(script).told == [CancelAll(Symbol("NVDA"), origin="key"), CancelAll(origin="key")]


def test_m_begins_to_change_the_order_under_the_cursor(at_desk: Try) -> None:
    async def script(hands: Hands) -> None:
        await hands.press("5", "j", "m")
        assert hands.line == "m #4 p=182.40 q=200"
        await hands.press("escape", "escape")
        await hands.press("5", "G", "enter")
        await hands.pilot.pause()
        assert "filled" in hands.said

    at_desk(script)


def test_a_changed_order_is_amended(at_desk: Try) -> None:
    async def script(hands: Hands) -> None:
        hands.screen.type_line("m #3 q=50")
        await hands.pilot.pause(GUARD_S)
        await hands.twice("enter")

    (sent,) = at_desk(script).told
    assert isinstance(sent, AmendOrder)
    assert (sent.client_id, sent.quantity) == ("test-3", 50)


def test_f6_flattens_on_the_second_press(at_desk: Try) -> None:
    async def script(hands: Hands) -> None:
        await hands.press("f6")
        assert hands.engine.told == []
        assert "F6 again" in hands.said
        await hands.pilot.pause(GUARD_S)
        await hands.press("f6")

    assert at_desk(script).told == [Flatten(Symbol("NVDA"), origin="key")]


def test_f7_cancels_everything_while_a_line_is_typed(at_desk: Try) -> None:
    async def script(hands: Hands) -> None:
        await hands.press("b", "f7")
        assert hands.line == "b"

    assert at_desk(script).told == [CancelAll(origin="key")]


def test_the_kill_key_halts_and_cancels_on_the_second_press(at_desk: Try) -> None:
    async def script(hands: Hands) -> None:
        await hands.twice("ctrl+k")

    halted, cancelled = at_desk(script).told
    assert isinstance(halted, SetTradingState)
    assert halted.state is TradingState.HALTED
    assert cancelled == CancelAll(origin="kill")


def test_f8_halts(at_desk: Try) -> None:
    async def script(hands: Hands) -> None:
        await hands.press("f8")

    (sent,) = at_desk(script).told
    assert isinstance(sent, SetTradingState)
    assert sent.state is TradingState.HALTED


def test_the_markets_clock_obeys_its_keys(at_desk: Try) -> None:
    async def script(hands: Hands) -> None:
        await hands.press("p", "n", "greater_than_sign", "less_than_sign", "right_curly_bracket")
        assert "only a recording" in hands.said

    assert at_desk(script).told == [Pause(), Step(), SetSpeed(2.0), SetSpeed(0.5)]


def test_w_says_where_a_number_comes_from(at_desk: Try) -> None:
    async def script(hands: Hands) -> None:
        await hands.press("w")
        await hands.pilot.pause()
        assert isinstance(hands.top, ReadingScreen)
        assert any(line.startswith("quote") for line in hands.top._lines)
        await hands.press("escape", "5", "w")
        await hands.pilot.pause()
        assert isinstance(hands.top, ReadingScreen)
        assert any("client id    test-5" in line for line in hands.top._lines)

    at_desk(script)


def test_help_messages_palette_and_jump_open_and_close(at_desk: Try) -> None:
    async def script(hands: Hands) -> None:
        await hands.press("question_mark")
        await hands.pilot.pause()
        assert isinstance(hands.top, HelpScreen)
        await hands.press("escape")
        await hands.press("L")
        await hands.pilot.pause()
        assert isinstance(hands.top, ReadingScreen)
        await hands.press("escape", "ctrl+p")
        await hands.pilot.pause()
        assert type(hands.top).__name__ == "CommandPalette"
        await hands.press("escape")
        await hands.press("ctrl+o")
        await hands.pilot.pause()
        assert isinstance(hands.top, JumpScreen)
        await hands.press("d")
        await hands.pilot.pause()
        assert hands.focused == "depth"

    at_desk(script)


def test_another_theme_draws_everything_in_its_colours(at_desk: Try) -> None:
    async def script(hands: Hands) -> None:
        quotes = hands.screen.quotes
        before = quotes.render_lines(quotes.region.reset_offset)[1]
        hands.screen.type_line("theme light")
        await hands.pilot.pause(GUARD_S)
        await hands.press("enter")
        await hands.pilot.pause()
        after = quotes.render_lines(quotes.region.reset_offset)[1]
        assert hands.pilot.app.theme == "light"
        assert after.text[2:] == before.text[2:]
        assert [segment.style for segment in after] != [segment.style for segment in before]

    at_desk(script)


def test_the_ticket_changes_the_draft_on_the_line(at_desk: Try) -> None:
    async def script(hands: Hands) -> None:
        hands.screen.type_line("b 100 NVDA 182.30")
        await hands.pilot.pause()
        hands.screen.set_focus(hands.screen.ticket)
        await hands.press("plus", "right_square_bracket")
        await hands.pilot.pause()
        request = hands.screen.line.composer.request
        assert request is not None
        assert (request.limit, request.quantity) == (18_231, 200)
        await hands.press("escape")
        await hands.pilot.pause()
        assert hands.line == ""

    at_desk(script)


def test_the_ladder_begins_an_order_at_the_price_under_the_cursor(at_desk: Try) -> None:
    async def script(hands: Hands) -> None:
        await hands.press("3", "j", "enter")
        await hands.pilot.pause()
        assert hands.focused == "line"
        assert hands.line[0] in "bs"

    at_desk(script)


def test_keys_of_the_table_are_bound_once_in_each_place() -> None:
    seen: set[tuple[str, str]] = set()
    for action in BY_ID.values():
        for key in action.keys.split(","):
            assert (action.context, key) not in seen
            seen.add((action.context, key))
