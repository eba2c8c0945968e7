"""The market panes in a small desk of their own, fed with hand-made views and driven by keys and mouse."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from textual.pilot import Pilot

from engine.model.instrument import Symbol
from engine.model.market_state import Trust
from engine.model.trade import Side
from terminal.desk import Desk
from terminal.widgets.depth import DepthLadder
from terminal.widgets.messages import PricePicked
from terminal.widgets.tape import LARGE_TIMES, Tape, large_size
from tests import market_views as views
from tests.driving import drive
from tests.one_frame import INK, OneFrame, frames, rows


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
    pane = DepthLadder(depth_desk(bids=(), asks=()), INK, id="depth")

    async def look(_pilot: Pilot[None]) -> None:
        text = rows(pane)
        assert "spr .02" in text[12]
        assert "182.34 ▲" in text[12]
        assert text[11].split() == ["182.35", "200"]
        assert text[13].split() == ["300", "182.33"]
        assert text[-1].strip() == "top of book only"

    drive(OneFrame(pane), look, (38, 26))


def test_where_nothing_was_ever_traded_the_middle_of_the_touch_stands_between_the_sides() -> None:
    desk = depth_desk(bids=(), asks=())
    quote = desk.quotes[Symbol("NVDA")]
    desk.quotes[Symbol("NVDA")] = replace(quote, last=0, last_side=0)
    pane = DepthLadder(desk, INK, id="depth")

    async def look(_pilot: Pilot[None]) -> None:
        assert "spr .02" in rows(pane)[12]
        assert "≈182.34" in rows(pane)[12]

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
