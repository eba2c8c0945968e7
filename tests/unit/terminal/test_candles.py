from __future__ import annotations

import itertools
from datetime import UTC

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from engine.clock import NS_PER_S
from terminal.widgets.candles import BLOCKS, HOLLOW, candle, tone, volume_column
from terminal.widgets.chart_scale import PriceScale, time_labels, volume_bars
from terminal.widgets.vwap import dotted, session_vwap
from tests.market_views import bar


class Exact(PriceScale):
    """Ten rows in which one price unit is exactly one eighth of a cell."""

    def __init__(self) -> None:
        super().__init__(0, 80, 10)
        self.low, self.high = 0, 80


SCALE = Exact()


def column(opened: int, high: int, low: int, closed: int) -> list[str]:
    """Return a candle's glyphs from top to bottom, swapped ones marked."""
    middle, _ = candle(bar(0, (opened, high, low, closed)), SCALE)
    cells = [middle.get(row, (" ", "")) for row in range(10)]
    return [f"{glyph}~" if role.startswith("panel/") else glyph for glyph, role in cells]


def test_a_body_that_fills_whole_cells_is_full_blocks() -> None:
    assert column(16, 32, 16, 32)[6:8] == ["█", "█"]


def test_the_upper_edge_of_a_body_is_a_lower_block_of_its_eighths() -> None:
    assert column(16, 29, 16, 29)[6:8] == ["▅", "█"]


def test_the_lower_edge_of_a_body_is_a_block_with_ink_and_paper_swapped() -> None:
    glyphs = column(19, 32, 19, 32)
    assert glyphs[6:8] == ["█", "▃~"]


def test_wicks_are_whole_or_end_in_a_tip() -> None:
    assert column(24, 50, 5, 40) == [" ", " ", " ", "╷", "│", "█", "█", "│", "│", "╵"]
    assert column(24, 54, 1, 40)[3] == "│"
    assert column(24, 54, 1, 40)[9] == "│"


@pytest.mark.parametrize(
    ("high", "low", "glyph"), [(40, 40, "─"), (60, 40, "┴"), (40, 10, "┬"), (60, 10, "┼")]
)
def test_a_bar_that_closed_where_it_opened_is_a_line_crossed_by_its_wick(
    high: int, low: int, glyph: str
) -> None:
    assert column(40, high, low, 40)[4] == glyph


@pytest.mark.parametrize(("closed", "role"), [(30, "up"), (10, "down"), (20, "muted")])
def test_a_bar_is_coloured_by_where_it_closed(closed: int, role: str) -> None:
    assert tone(bar(0, (20, 30, 10, closed))) == role


@given(st.tuples(*[st.integers(1, 79)] * 4))
@settings(deadline=None)
def test_a_candle_is_unbroken_and_stays_between_its_low_and_high(prices: tuple[int, int, int, int]) -> None:
    opened, _, _, closed = prices
    high, low = max(prices), min(prices)
    middle, beside = candle(bar(0, (opened, high, low, closed)), SCALE)
    rows = sorted(middle)
    assert rows[0] >= SCALE.row(high)
    assert rows[-1] <= SCALE.row(low)
    inside = range(SCALE.row(high) + 1, SCALE.row(low))
    assert set(inside) <= set(rows)
    assert set(beside) <= set(middle)


@given(st.integers(1, 10**12), st.integers(1, 10**12), st.integers(1, 60), st.integers(1, 10**12))
@settings(deadline=None)
def test_every_price_of_a_scale_lies_in_a_row_and_higher_is_never_lower(
    one: int, other: int, rows: int, price: int
) -> None:
    scale = PriceScale(min(one, other), max(one, other), rows)
    assert 0 <= scale.row(price) < rows
    assert scale.eighth(price) <= scale.eighth(price + 1)
    assert scale.holds(one)
    assert scale.holds(other)


@given(st.integers(1, 10**9), st.integers(2, 10**9), st.sampled_from([1, 4, 100, 10_000, 100_000]))
@settings(deadline=None)
def test_grid_lines_are_round_evenly_spaced_and_a_few_rows_apart(
    low: int, span: int, unit_scale: int
) -> None:
    scale = PriceScale(low, low + span, 18)
    lines = scale.grid(unit_scale)
    assume(len(lines) > 1)
    steps = {b - a for a, b in itertools.pairwise(lines)}
    assert len(steps) == 1
    step = steps.pop()
    assert all(scale.holds(line) and line % step == 0 for line in lines)
    assert step * scale.rows >= 4 * (scale.high - scale.low)
    digits = str(step * 10**12 // unit_scale).rstrip("0")
    assert digits in {"1", "2", "5"}


def test_a_market_that_did_not_move_still_has_a_scale() -> None:
    scale = PriceScale(100, 100, 10)
    assert scale.low < 100 < scale.high
    assert scale.row(100) in {4, 5}


def test_volume_is_drawn_against_the_greatest_and_any_volume_shows() -> None:
    bars = [bar(0, volume=1_000), bar(1, volume=1), bar(2, volume=0)]
    heights, greatest = volume_bars(bars, 4)
    assert (heights, greatest) == ([32, 1, 0], 1_000)
    assert volume_bars([bar(0, volume=0)], 4) == ([0], 0)


def test_a_volume_column_is_full_blocks_under_a_part() -> None:
    assert volume_column(19, 4, "up") == {3: ("█", "up"), 2: ("█", "up"), 1: ("▃", "up")}
    assert volume_column(0, 4, "up") == {}
    assert BLOCKS[0] == " "


def test_time_labels_stand_at_round_times_and_apart() -> None:
    bars = [bar(index) for index in range(-40, 1)]
    labels = time_labels(bars, 2, 10, UTC)
    assert [text for _, text in labels] == ["11:00", "11:30", "12:00", "12:30", "13:00", "13:30", "14:00"]
    assert {b - a for (a, _), (b, _) in itertools.pairwise(labels)} == {6}


def test_a_new_day_is_labelled_with_its_date() -> None:
    night = [replace(bar(0), start_ns=(1_764_028_800 + 1_800 * n) * NS_PER_S) for n in range(-12, 12)]
    assert "25 Nov" in [text for _, text in time_labels(night, 2, 10, UTC)]


def test_bars_of_days_are_labelled_with_dates_alone() -> None:
    days = [replace(bar(0), start_ns=(1_764_028_800 + 86_400 * n) * NS_PER_S) for n in range(12)]
    assert [text for _, text in time_labels(days, 2, 10, UTC)] == ["25 Nov", "30 Nov", "5 Dec"]


def test_one_bar_has_one_label() -> None:
    assert time_labels([bar(0)], 2, 10, UTC) == [(0, "14:00")]


def test_a_hollow_candle_differs_from_a_falling_one_in_what_fills_it() -> None:
    rising, falling = bar(0, (100, 140, 90, 130)), bar(0, (130, 140, 90, 100))
    scale = PriceScale(90, 140, 10)
    (up, _), (down, _) = candle(rising, scale, hollow=True), candle(falling, scale, hollow=True)
    assert HOLLOW in {glyph for glyph, _ in up.values()}
    assert HOLLOW not in {glyph for glyph, _ in down.values()}
    assert up.keys() == down.keys()


@pytest.mark.parametrize("body", range(1, 40))
def test_a_hollow_body_is_never_lost(body: int) -> None:
    middle, _ = candle(bar(0, (100, 101 + body, 99, 100 + body)), PriceScale(0, 160, 20), hollow=True)
    assert HOLLOW in {glyph for glyph, _ in middle.values()}


def test_vwap_is_turnover_over_volume_since_the_first_bar_when_the_bars_hold_the_whole_day() -> None:
    bars = [bar(-2, (10, 10, 10, 10), 100), bar(-1, (20, 20, 20, 20), 300), bar(0, (40, 40, 40, 40), 400)]
    assert session_vwap(bars, 800, 28, "24/7") == [10, 17.5, 28.75]


def test_vwap_counts_what_was_traded_before_the_first_bar() -> None:
    bars = [bar(-1, (20, 20, 20, 20), 100), bar(0, (20, 20, 20, 20), 100)]
    line = session_vwap(bars, 1_000, 12, "24/7")
    assert line == [pytest.approx(10_000 / 900), pytest.approx(12)]


def test_vwap_starts_anew_each_day() -> None:
    day = 86_400 * NS_PER_S
    yesterday = replace(bar(0, (90, 90, 90, 90), 500), start_ns=bar(0).start_ns - day)
    assert session_vwap([yesterday, bar(0, (10, 10, 10, 10), 100)], 100, 10, "24/7") == [90, 10]


@pytest.mark.parametrize(("calendar", "line"), [("24/7", [10, 30]), ("XNYS", [10, 20]), ("FX", [10, 30])])
def test_vwap_starts_anew_where_the_calendars_day_ends_not_at_midnight_utc(
    calendar: str, line: list[float]
) -> None:
    before_midnight, after_midnight = (
        replace(bar(0, (price, price, price, price), 100), start_ns=(1_764_028_800 + second) * NS_PER_S)
        for price, second in ((10, -9_000), (30, 600))
    )
    assert session_vwap([before_midnight, after_midnight], 0, 0, calendar) == line


def test_without_a_trade_there_is_no_vwap() -> None:
    assert session_vwap([bar(0, volume=0)], 0, 0, "24/7") == [0]
    assert session_vwap([], 0, 0, "24/7") == []
    assert dotted([0.0], [3], SCALE) == {}


def test_a_dotted_line_joins_its_points_and_stays_on_the_chart() -> None:
    cells = dotted([4.0, 76.0], [0, 10], SCALE)
    assert (9, 0) in cells
    assert {cell[1] for cell in cells} == set(range(11))
    assert all(0 <= row < 10 for row, _ in cells)
    assert all(0x2800 < ord(glyph) <= 0x28FF for glyph in cells.values())
    assert dotted([200.0, 300.0], [0, 4], SCALE) == {}
