"""The market panes in a small desk of their own, fed with hand-made views and driven by keys and mouse."""

from __future__ import annotations

import pytest
from textual.events import MouseScrollDown
from textual.pilot import Pilot

from engine.clock import NS_PER_MS, NS_PER_S
from engine.model.instrument import Symbol
from engine.model.market_state import Trust
from engine.model.market_status import Session
from terminal.desk import Desk
from terminal.widgets.messages import SymbolOpened, SymbolPicked
from terminal.widgets.quote_order import Sort
from terminal.widgets.tape import Tape
from tests import market_views as views
from tests.driving import drive
from tests.one_frame import INK, NAMES, Hand, OneFrame, board, frames, roles_of, rows

# the frame


def test_a_frame_shows_its_number_its_title_and_the_panes_caption() -> None:
    pane = board(views.desk(*NAMES))

    async def look(pilot: Pilot[None]) -> None:
        await pilot.pause()
        assert frames(pane) == ["1 Pane", "6 · sort ▾ manual"]

    drive(OneFrame(pane), look)


def test_a_caption_with_markup_in_it_is_shown_as_it_is() -> None:
    desk = views.desk("[red]X")
    pane = Tape(desk, INK, id="tape")

    async def look(pilot: Pilot[None]) -> None:
        await pilot.pause()
        assert frames(pane)[1] == "[red]X"

    drive(OneFrame(pane), look)


# quotes


def test_the_board_lists_every_symbol_under_its_head() -> None:
    pane = board(views.desk(*NAMES))

    async def look(_pilot: Pilot[None]) -> None:
        text = rows(pane)
        assert text[0].split() == ["Symbol", "Last", "Chg%", "Bid", "Ask", "Vol", "30m"]
        assert text[1].split() == ["▎", "NVDA", "182.34", "▲", "1.87", "182.33", "182.35", "17.4M", "▁▂▃▅▆▇"]
        assert [line.split()[1 if y == 0 else 0] for y, line in enumerate(text[1:7])] == list(NAMES)

    drive(OneFrame(pane), look, (58, 12))


@pytest.mark.parametrize("width", [240, 160, 80, 58, 40, 24])
def test_no_number_is_ever_cut(width: int) -> None:
    desk = views.desk(*NAMES)
    desk.quotes[Symbol("BTC")] = views.quote("BTC", 6_812_345_678, prior_close=6_800_000_000)
    desk.instruments[Symbol("BTC")] = views.instrument("BTC")
    pane = board(desk)

    async def look(_pilot: Pilot[None]) -> None:
        assert "68123456.78" in rows(pane)[7].split()
        whole = {"68123456.78", "68123456.77", "68123456.79", "0.18", "17.4M", "181.75", "0.02"}
        numbers = {word for word in rows(pane)[7].split() if word[0].isdigit() and word[-1] != "s"}
        assert numbers <= whole

    drive(OneFrame(pane), look, (width, 12))


def test_moving_the_cursor_says_which_symbol_was_picked() -> None:
    app = OneFrame(board(views.desk(*NAMES)))

    async def look(pilot: Pilot[None]) -> None:
        await pilot.press("j", "down", "k", "G", "g", "k")
        picked = [message.symbol for message in app.heard if isinstance(message, SymbolPicked)]
        assert picked == ["AAPL", "MSFT", "AAPL", "META", "NVDA"]

    drive(app, look)


def test_enter_and_a_double_click_open_a_symbol() -> None:
    app = OneFrame(board(views.desk(*NAMES)))

    async def look(pilot: Pilot[None]) -> None:
        await pilot.press("j", "enter")
        await pilot.click("#quotes", offset=(5, 4), times=2)
        opened = [message.symbol for message in app.heard if isinstance(message, SymbolOpened)]
        assert opened == ["AAPL", "AMZN"]

    drive(app, look)


def test_the_board_scrolls_to_its_cursor_and_under_the_wheel() -> None:
    names = [f"S{number:02}" for number in range(40)]
    pane = board(views.desk(*names))

    async def look(pilot: Pilot[None]) -> None:
        await pilot.press("G")
        assert rows(pane)[-1].split()[1] == "S39"
        await pilot.press("pageup", "g")
        assert rows(pane)[1].split()[1] == "S00"
        pane.on_mouse_scroll_down(_wheel())
        assert rows(pane)[1].split()[0] == "S03"
        assert pane.cursor == "S00"

    drive(OneFrame(pane), look, (60, 12))


def _wheel() -> MouseScrollDown:
    return MouseScrollDown(None, 1, 1, 0, 1, 0, False, False, False)


def test_sorting_goes_through_its_orders_and_keeps_the_cursor_on_its_symbol() -> None:
    desk = views.desk(*NAMES)
    desk.quotes[Symbol("TSLA")] = views.quote("TSLA", 20_000, volume=1)
    pane = board(desk)

    async def look(pilot: Pilot[None]) -> None:
        await pilot.press("o")
        assert pane.symbols == sorted(NAMES)
        await pilot.press("o")
        assert pane.symbols[0] == "TSLA"
        await pilot.press("o")
        assert pane.symbols[-1] == "TSLA"
        assert pane.cursor == "NVDA"
        await pilot.press("o")
        assert (pane.sort, pane.symbols) == (Sort.MANUAL, list(NAMES))

    drive(OneFrame(pane), look)


def test_a_price_that_moved_is_lit_and_goes_out_by_itself() -> None:
    desk, hand = views.desk(*NAMES), Hand()
    pane = board(desk, hand)

    async def look(pilot: Pilot[None]) -> None:
        desk.quotes[Symbol("AAPL")] = views.quote("AAPL", 18_235)
        pane.redraw()
        assert "up+b/flash_up" in roles_of(pane, 2)
        hand.now_ns += 200 * NS_PER_MS
        await pilot.pause(0.3)
        assert "up+b/flash_up" not in roles_of(pane, 2)

    drive(OneFrame(pane), look)


def test_marks_tell_halted_stale_and_distrusted_symbols() -> None:
    desk = views.desk(*NAMES)
    old = views.NOW_NS - 4 * NS_PER_S
    desk.quotes[Symbol("AAPL")] = views.quote("AAPL", session=Session.HALTED)
    desk.quotes[Symbol("MSFT")] = views.quote("MSFT", trust=Trust.STALE, receive_ns=old)
    desk.quotes[Symbol("AMZN")] = views.quote("AMZN", trust=Trust.DISTRUSTED)
    pane = board(desk)

    async def look(_pilot: Pilot[None]) -> None:
        assert [line[0] for line in rows(pane)[1:6]] == ["▎", "H", "~", "!", " "]
        assert rows(pane)[3].endswith("4.0s")
        desk.now_ns += NS_PER_S
        pane.redraw()
        assert rows(pane)[3].endswith("5.0s")

    drive(OneFrame(pane), look, (58, 12))


def test_an_empty_board_names_the_key_that_fills_it() -> None:
    pane = board(Desk())

    async def look(_pilot: Pilot[None]) -> None:
        assert rows(pane)[0].strip() == "No quotes yet · / finds a symbol"
        assert not any(rows(pane)[1:])

    drive(OneFrame(pane), look)


def test_a_board_can_be_narrowed_and_given_its_list() -> None:
    pane = board(views.desk(*NAMES))

    async def look(_pilot: Pilot[None]) -> None:
        pane.narrow("am")
        assert pane.symbols == ["AMZN"]
        pane.narrow("zzz")
        assert "No symbol contains ZZZ" in rows(pane)[0]
        pane.narrow("")
        pane.watch_symbols([Symbol("TSLA"), Symbol("NONE")])
        assert pane.symbols == ["TSLA", "NONE"]
        assert "no quote yet" in rows(pane)[2]

    drive(OneFrame(pane), look)
