"""The market panes in a small desk of their own, fed with hand-made views and driven by keys and mouse."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from msgspec.structs import replace
from rich.color import ColorSystem
from textual.app import App, ComposeResult
from textual.events import MouseScrollDown
from textual.message import Message
from textual.pilot import Pilot

from engine.clock import NS_PER_MS, NS_PER_S
from engine.model.instrument import Symbol
from engine.model.market_state import Trust
from engine.model.market_status import Session
from engine.model.trade import Side
from terminal.desk import Desk
from terminal.strips import Ink
from terminal.widgets.chart import CandleChart
from terminal.widgets.depth import DepthLadder
from terminal.widgets.frame import PaneFrame
from terminal.widgets.messages import PricePicked, SymbolOpened, SymbolPicked, TimeframeChanged
from terminal.widgets.pane import LivePane
from terminal.widgets.quote_order import Sort
from terminal.widgets.quotes import QuoteBoard
from terminal.widgets.tape import LARGE_TIMES, Tape, large_size
from tests import market_views as views
from tests.desk_themes import THEME
from tests.driving import drive

INK = Ink(THEME.roles, ColorSystem.TRUECOLOR)
NAMES = ("NVDA", "AAPL", "MSFT", "AMZN", "TSLA", "META")


class OneFrame(App[None]):
    """A desk of one framed pane that keeps what the pane says."""

    CSS = "PaneFrame { width: 1fr; height: 1fr; }"

    def __init__(self, pane: LivePane) -> None:
        super().__init__()
        self.register_theme(THEME.textual())
        self.theme = THEME.name
        self.frame = PaneFrame(pane, 1, "Pane")
        self.heard: list[Message] = []

    def compose(self) -> ComposeResult:
        yield self.frame

    def on_mount(self) -> None:
        self.frame.pane.focus()

    def on_symbol_picked(self, message: SymbolPicked) -> None:
        self.heard.append(message)

    def on_symbol_opened(self, message: SymbolOpened) -> None:
        self.heard.append(message)

    def on_price_picked(self, message: PricePicked) -> None:
        self.heard.append(message)

    def on_timeframe_changed(self, message: TimeframeChanged) -> None:
        self.heard.append(message)


class Hand:
    """A steady time that is moved by hand."""

    def __init__(self) -> None:
        self.now_ns = 10 * NS_PER_S

    def __call__(self) -> int:
        return self.now_ns


def rows(pane: LivePane) -> list[str]:
    return [strip.text.rstrip() for strip in pane._strips]


def roles_of(pane: LivePane, y: int) -> set[str]:
    return {role for _, role in pane._rows[y]}


def frames(pane: LivePane) -> list[str]:
    """Return what the frame around a pane says: its title and its caption."""
    frame = pane.parent
    assert isinstance(frame, PaneFrame)
    return [str(frame._border_title), frame.caption]


def board(desk: Desk, steady: Callable[[], int] | None = None) -> QuoteBoard:
    return QuoteBoard(desk, INK, id="quotes", monotonic_ns=steady or Hand())


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


# chart


def chart_desk() -> Desk:
    desk = views.desk()
    desk.chart = views.chart()
    return desk


def test_the_chart_shows_candles_volume_and_both_axes() -> None:
    pane = CandleChart(chart_desk(), INK, id="chart")

    async def look(pilot: Pilot[None]) -> None:
        await pilot.pause()
        text = rows(pane)
        last = pane.desk.chart.bars[-1] if pane.desk.chart else None
        assert last is not None
        assert text[0].split()[:2] == ["NVDA", "5m"]
        assert text[0].split()[-2:] == ["VWAP", "181.75"]
        assert sum("▌" in line and f"{last.close / 100:.2f}" in line for line in text[1:]) == 1
        assert "╵" in text[-1]
        assert text[-1].endswith("UTC")
        assert any("up+d" in roles_of(pane, y) for y in range(19, 23))
        assert frames(pane)[1] == "5m ▾ · VWAP"

    drive(OneFrame(pane), look, (64, 26))


def test_own_orders_cross_the_chart_as_dashed_lines_with_their_price() -> None:
    desk = chart_desk()
    for number, limit in enumerate((18_100, 10_000)):
        made = views.order(number, Side.BUY, 100, limit=limit)
        desk.orders[made.client_id] = made
    pane = CandleChart(desk, INK, id="chart")

    async def look(_pilot: Pilot[None]) -> None:
        dashed = [line for line in rows(pane) if "╌╌" in line]
        assert len(dashed) == 1
        assert dashed[0].endswith("┤ 181.00")
        assert any("↓ 100.00" in line for line in rows(pane))

    drive(OneFrame(pane), look, (64, 26))


def test_a_tick_repaints_only_rows_that_changed() -> None:
    desk = chart_desk()
    pane = CandleChart(desk, INK, id="chart")

    async def look(_pilot: Pilot[None]) -> None:
        assert desk.chart is not None
        before = list(pane._strips)
        forming = desk.chart.bars[-1]
        ticked = replace(forming, close=forming.close - 3)
        desk.chart = replace(desk.chart, bars=(*desk.chart.bars[:-1], ticked))
        pane.redraw()
        changed = [y for y, strip in enumerate(pane._strips) if strip is not before[y]]
        assert 1 <= len(changed) <= 5

    drive(OneFrame(pane), look, (64, 26))


def test_chart_keys_zoom_pan_and_hide_the_vwap() -> None:
    pane = CandleChart(chart_desk(), INK, id="chart")

    async def look(pilot: Pilot[None]) -> None:
        await pilot.press("h")
        await pilot.pause()
        assert pane.back == 5
        assert "◂ 5 bars" in frames(pane)[1]
        await pilot.press("l", "l")
        assert pane.back == 0
        await pilot.press("plus")
        assert pane.pitch == 4
        await pilot.press("minus", "minus", "minus")
        assert pane.pitch == 1
        await pilot.press("i")
        assert not pane.shows_vwap
        assert "VWAP" not in rows(pane)[0]

    drive(OneFrame(pane), look, (64, 26))


def test_a_panned_chart_stays_on_its_bars_while_new_ones_arrive() -> None:
    desk = chart_desk()
    pane = CandleChart(desk, INK, id="chart")

    async def look(pilot: Pilot[None]) -> None:
        await pilot.press("h")
        before = rows(pane)[0]
        assert desk.chart is not None
        desk.chart = replace(
            desk.chart, bars=(*desk.chart.bars, views.bar(1, (18_000, 18_100, 17_900, 18_050)))
        )
        pane.redraw()
        assert rows(pane)[0] == before
        assert pane.back == 6

    drive(OneFrame(pane), look, (64, 26))


def test_t_asks_for_the_next_timeframe() -> None:
    app = OneFrame(CandleChart(chart_desk(), INK, id="chart"))

    async def look(pilot: Pilot[None]) -> None:
        await pilot.press("t")
        await pilot.pause()
        asked = [
            message.interval_ns // NS_PER_S for message in app.heard if isinstance(message, TimeframeChanged)
        ]
        assert asked == [900]

    drive(app, look)


@pytest.mark.parametrize("count", [1, 2, 240])
@pytest.mark.parametrize("size", [(20, 5), (30, 9), (64, 26), (160, 48)])
def test_any_number_of_bars_is_drawn_at_any_size(count: int, size: tuple[int, int]) -> None:
    desk = views.desk()
    desk.chart = views.chart(count)
    pane = CandleChart(desk, INK, id="chart")

    async def look(pilot: Pilot[None]) -> None:
        await pilot.press("h", "plus", "h", "minus", "minus")
        assert rows(pane)[0].strip().startswith("NVDA 5m")
        assert all(strip.cell_length == pane.size.width for strip in pane._strips)

    drive(OneFrame(pane), look, size)


def test_flat_and_enormous_bars_are_drawn() -> None:
    desk = views.desk()
    flat = tuple(views.bar(index, (500, 500, 500, 500), 0) for index in range(-9, 0))
    pane = CandleChart(desk, INK, id="chart")
    desk.chart = replace(views.chart(1), bars=flat)

    async def look(_pilot: Pilot[None]) -> None:
        assert sum("─┈─" in line for line in rows(pane)) == 1
        assert desk.chart is not None
        desk.chart = replace(desk.chart, bars=(*flat, views.bar(0, (1, 10**14, 1, 10**14))))
        pane.redraw()
        assert any("1000000000000.00" in line for line in rows(pane))

    drive(OneFrame(pane), look, (64, 26))


def test_a_chart_without_bars_of_the_symbol_says_so() -> None:
    desk = chart_desk()
    desk.focus = Symbol("AAPL")
    desk.instruments[Symbol("AAPL")] = views.instrument("AAPL")
    pane = CandleChart(desk, INK, id="chart")

    async def look(_pilot: Pilot[None]) -> None:
        assert rows(pane)[0].strip() == "No bars of AAPL yet · t timeframe"

    drive(OneFrame(pane), look)


# depth


def depth_desk(**changes: object) -> Desk:
    desk = views.desk()
    desk.depth = replace(views.depth(), **changes)
    return desk


def test_the_ladder_has_the_spread_in_its_middle_and_a_row_for_every_tick() -> None:
    pane = DepthLadder(depth_desk(), INK, id="depth")

    async def look(pilot: Pilot[None]) -> None:
        await pilot.pause()
        text = rows(pane)
        prices = [word for line in text for word in line.split() if word.startswith("182.")]
        asks = [f"182.{cents}" for cents in range(45, 34, -1)]
        bids = [f"182.{cents}" for cents in range(33, 22, -1)]
        assert prices == [*asks, "182.34", *bids]
        assert "spr .02" in text[12]
        assert "182.34 ▲" in text[12]
        assert "imb +0%" in text[12]
        assert frames(pane)[1] == "NVDA · 24 lvls"

    drive(OneFrame(pane), look, (38, 26))


def test_size_bars_lie_under_the_sizes_and_the_largest_fills_its_column() -> None:
    pane = DepthLadder(depth_desk(), INK, id="depth")

    async def look(_pilot: Pilot[None]) -> None:
        def cells(y: int, role: str) -> int:
            return sum(len(text) for text, own in pane._rows[y] if own == role)

        assert cells(13, "text/bid_bar") == 1
        assert cells(23, "text/bid_bar") > cells(18, "text/bid_bar") > 1
        assert cells(1, "text/ask_bar") > cells(11, "text/ask_bar") == 1

    drive(OneFrame(pane), look, (38, 26))


def test_own_orders_stand_at_their_price_with_the_queue_before_them() -> None:
    desk = depth_desk()
    buy = views.order(1, Side.BUY, 500, limit=18_230, queue_ahead=1_200)
    sell = views.order(2, Side.SELL, 200, limit=18_238)
    desk.orders = {buy.client_id: buy, sell.client_id: sell}
    pane = DepthLadder(desk, INK, id="depth")

    async def look(_pilot: Pilot[None]) -> None:
        (bid,) = [line for line in rows(pane) if "182.30" in line]
        (ask,) = [line for line in rows(pane) if "182.38" in line]
        assert bid.startswith("▸500")
        assert bid.endswith("q 1.2K")
        assert ask.endswith("200◂")

    drive(OneFrame(pane), look, (38, 26))


def test_a_sparse_book_is_a_list_of_levels() -> None:
    desk = views.desk()
    desk.depth = views.depth(step=75, levels=6)
    made = views.order(1, Side.BUY, 10, limit=18_100)
    desk.orders[made.client_id] = made
    pane = DepthLadder(desk, INK, id="depth")

    async def look(_pilot: Pilot[None]) -> None:
        below = [line for line in rows(pane)[13:] if line]
        assert [next(word for word in line.split() if "." in word) for line in below] == [
            "182.33", "181.58", "181.00", "180.83", "180.08", "179.33", "178.58",
        ]  # fmt: skip

    drive(OneFrame(pane), look, (38, 26))


def test_enter_picks_the_price_under_the_cursor_and_its_side() -> None:
    app = OneFrame(DepthLadder(depth_desk(), INK, id="depth"))

    async def look(pilot: Pilot[None]) -> None:
        await pilot.press("j", "j", "enter", "k", "k", "enter", "left", "enter")
        await pilot.pause()
        picked = [(m.symbol, m.price, m.side) for m in app.heard if isinstance(m, PricePicked)]
        assert picked == [("NVDA", 18_232, Side.BUY), ("NVDA", 18_235, Side.SELL), ("NVDA", 18_235, Side.BUY)]

    drive(app, look, (38, 26))


def test_the_cursor_scrolls_the_ladder_and_c_brings_it_back() -> None:
    pane = DepthLadder(depth_desk(), INK, id="depth")

    async def look(pilot: Pilot[None]) -> None:
        await pilot.press(*["k"] * 20)
        assert pane.cursor == 18_253
        assert any("‹182.53" in line or "182.53›" in line for line in rows(pane))  # noqa: RUF001
        await pilot.press("c")
        assert pane.cursor == 18_233
        assert "spr .02" in rows(pane)[12]

    drive(OneFrame(pane), look, (38, 26))


def test_a_double_click_picks_the_column_it_hit() -> None:
    app = OneFrame(DepthLadder(depth_desk(), INK, id="depth"))

    async def look(pilot: Pilot[None]) -> None:
        await pilot.click("#depth", offset=(5, 11), times=2)
        await pilot.pause()
        picked = [(m.price, m.side) for m in app.heard if isinstance(m, PricePicked)]
        assert picked == [(18_235, Side.BUY)]

    drive(app, look, (38, 26))


def test_a_book_that_is_not_synced_says_why_and_is_dim() -> None:
    pane = DepthLadder(depth_desk(synced=False, status="gap at 1,204"), INK, id="depth")

    async def look(pilot: Pilot[None]) -> None:
        await pilot.pause()
        assert rows(pane)[12].strip() == "! not synced · gap at 1,204"
        assert {role for y in (5, 20) for _, role in pane._rows[y]} <= {"faint", "own+b", "own+d"}
        assert frames(pane)[1] == "NVDA · not synced"

    drive(OneFrame(pane), look, (38, 26))


def test_a_book_behind_a_stale_quote_is_dim_and_says_so() -> None:
    desk = depth_desk()
    desk.quotes[Symbol("NVDA")] = views.quote(trust=Trust.STALE, trust_reason="silent for 9 s")
    pane = DepthLadder(desk, INK, id="depth")

    async def look(_pilot: Pilot[None]) -> None:
        assert rows(pane)[12].strip() == "~ stale · silent for 9 s"
        assert {role for y in (5, 20) for _, role in pane._rows[y]} <= {"faint", "own+b", "own+d"}

    drive(OneFrame(pane), look, (38, 26))


def test_a_source_without_depth_gives_the_touch_alone() -> None:
    pane = DepthLadder(views.desk(), INK, id="depth")

    async def look(_pilot: Pilot[None]) -> None:
        text = rows(pane)
        assert text[11].split() == ["182.35", "200"]
        assert text[13].split() == ["300", "182.33"]
        assert text[-1].strip() == "top of book only"

    drive(OneFrame(pane), look, (38, 26))


@pytest.mark.parametrize("size", [(20, 5), (24, 9), (38, 26), (160, 48)])
def test_the_ladder_fits_any_size(size: tuple[int, int]) -> None:
    pane = DepthLadder(depth_desk(), INK, id="depth")

    async def look(pilot: Pilot[None]) -> None:
        await pilot.press("j", "k", "h", "l", "c", "enter")
        assert any("182.33" in line for line in rows(pane)) or size[1] < 6
        assert all(strip.cell_length == pane.size.width for strip in pane._strips)

    drive(OneFrame(pane), look, size)


def test_without_a_symbol_the_ladder_names_the_key() -> None:
    pane = DepthLadder(Desk(), INK, id="depth")

    async def look(pilot: Pilot[None]) -> None:
        await pilot.press("j", "enter", "c")
        assert rows(pane)[0].strip() == "No symbol chosen · / finds one"

    drive(OneFrame(pane), look, (38, 26))


# tape


def test_the_tape_shows_time_price_size_side_and_source() -> None:
    desk = views.desk()
    desk.tape = views.tape((25, 200, 4_200))
    pane = Tape(desk, INK, id="tape")

    async def look(_pilot: Pilot[None]) -> None:
        assert rows(pane)[0].split() == ["14:02:11.638", "182.34", "25", "▲", "ARCA"]
        assert rows(pane)[1].split() == ["14:02:11.501", "182.35", "200", "▼", "ARCA"]
        assert rows(pane)[2].split()[2] == "4,200"
        assert rows(pane)[3] == ""

    drive(OneFrame(pane), look, (38, 8))


def test_large_prints_stand_out_and_nothing_does_among_a_few() -> None:
    desk = views.desk()
    desk.tape = views.tape((100,) * 5 + (501,) + (100,) * 5)
    pane = Tape(desk, INK, id="tape")

    async def look(_pilot: Pilot[None]) -> None:
        assert [y for y, paper in enumerate(pane._papers) if paper != "panel"] == [5]
        assert pane._papers[5] == "flash_down"

    drive(OneFrame(pane), look, (38, 14))
    assert desk.tape is not None
    assert large_size(desk.tape.prints) == 100 * LARGE_TIMES
    assert large_size(desk.tape.prints[:3]) == 0


def test_what_comes_from_outside_can_not_command_the_terminal() -> None:
    desk = views.desk()
    desk.tape = views.tape((100,), source="\x1b[2J\u202e!")
    pane = Tape(desk, INK, id="tape")

    async def look(_pilot: Pilot[None]) -> None:
        assert pane._strips[0]._render_cache is not None
        assert "\x1b[2J" not in pane._strips[0]._render_cache
        assert "\u202e" not in pane._strips[0]._render_cache

    drive(OneFrame(pane), look, (38, 8))


def test_a_tape_without_prints_says_so() -> None:
    pane = Tape(views.desk(), INK, id="tape")

    async def look(_pilot: Pilot[None]) -> None:
        assert rows(pane)[0].strip() == "No prints of NVDA yet"

    drive(OneFrame(pane), look, (38, 8))
