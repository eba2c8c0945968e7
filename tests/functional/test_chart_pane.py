"""The market panes in a small desk of their own, fed with hand-made views and driven by keys and mouse."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from rich.color import ColorSystem
from textual.pilot import Pilot

from engine.clock import NS_PER_S
from engine.model.instrument import Symbol
from engine.model.trade import Side
from terminal.desk import Desk
from terminal.format import minute_of_day
from terminal.strips import Ink
from terminal.widgets.candles import HOLLOW
from terminal.widgets.chart import CandleChart
from terminal.widgets.messages import TimeframeChanged
from tests import market_views as views
from tests.desk_themes import THEME
from tests.driving import drive
from tests.one_frame import INK, OneFrame, frames, roles_of, rows


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


def test_a_panned_chart_keeps_the_newest_price_as_the_live_one_and_says_of_when_its_bar_is() -> None:
    pane = CandleChart(chart_desk(), INK, id="chart")

    async def look(pilot: Pilot[None]) -> None:
        await pilot.press("h")
        assert pane.desk.chart is not None
        bars = pane.desk.chart.bars
        newest, seen = bars[-1], bars[-6]
        tagged = [line for line in rows(pane)[1:] if set(line) & set("▌↑↓")]
        assert len(tagged) == 1
        assert f"{newest.close / 100:.2f}" in tagged[0]
        assert minute_of_day(seen.start_ns) in rows(pane)[0]
        assert f"C {seen.close / 100:.2f}" in rows(pane)[0]

    drive(OneFrame(pane), look, (64, 26))


def test_where_the_header_has_no_room_the_caption_says_the_vwap() -> None:
    pane = CandleChart(chart_desk(), INK, id="chart")

    async def look(pilot: Pilot[None]) -> None:
        await pilot.pause()
        assert "VWAP" not in rows(pane)[0]
        assert frames(pane)[1] == "5m ▾ · VWAP 181.75"

    drive(OneFrame(pane), look, (60, 26))


def test_bars_of_a_market_without_trades_say_what_they_are_of() -> None:
    desk = chart_desk()
    nvda = Symbol("NVDA")
    desk.quotes[nvda] = replace(desk.quotes[nvda], last=0, vwap=0)
    pane = CandleChart(desk, INK, id="chart")

    async def look(pilot: Pilot[None]) -> None:
        await pilot.pause()
        assert frames(pane)[1] == "5m ▾ · mids, no trades"

    drive(OneFrame(pane), look, (64, 26))


@pytest.mark.parametrize("colours", [None, ColorSystem.STANDARD])
def test_without_colours_to_rely_on_rising_candles_are_hollow(colours: ColorSystem | None) -> None:
    pane = CandleChart(chart_desk(), Ink(THEME.roles, colours), id="chart")

    async def look(pilot: Pilot[None]) -> None:
        await pilot.pause()
        text = "".join(rows(pane))
        assert HOLLOW in text
        assert "█" in text

    drive(OneFrame(pane), look, (64, 26))


def test_with_colours_candles_are_solid() -> None:
    pane = CandleChart(chart_desk(), INK, id="chart")

    async def look(pilot: Pilot[None]) -> None:
        await pilot.pause()
        assert HOLLOW not in "".join(rows(pane))

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
