from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.clock import NS_PER_MS
from terminal.widgets.flash import FLASH_EVERY_NS, FLASH_NS, Flash
from terminal.widgets.gauge import gauge
from terminal.widgets.sparkline import sparkline


def test_a_sparkline_runs_from_its_lowest_to_its_highest_and_stops_short_of_a_full_block() -> None:
    assert sparkline([1, 2, 3, 4, 5, 6, 7], 7) == "▁▂▃▄▅▆▇"


def test_a_sparkline_of_nothing_is_empty_and_of_one_value_lies_in_the_middle() -> None:
    assert sparkline([], 4) == "    "
    assert sparkline([5, 5], 4) == "  ▄▄"
    assert sparkline([5], 0) == ""


@given(st.lists(st.integers(-(10**12), 10**12)), st.integers(0, 40))
@settings(deadline=None)
def test_a_sparkline_fills_its_width_and_ends_with_the_newest_value(values: list[int], width: int) -> None:
    drawn = sparkline(values, width)
    assert len(drawn) == width
    if 1 < len(values) <= width and min(values) < max(values) == values[-1]:
        assert drawn[-1] == "▇"


@given(st.floats(-1, 10, allow_nan=False), st.integers(0, 60))
@settings(deadline=None)
def test_a_gauge_fills_its_width_whatever_its_fraction(fraction: float, width: int) -> None:
    (used, _), (rest, _) = gauge(fraction, width, "ok")
    assert len(used) + len(rest) == width


def test_a_gauge_shows_halves_of_cells_and_the_smallest_use() -> None:
    assert gauge(0.5, 10, "ok") == (("━━━━━", "ok"), ("━━━━━", "line"))
    assert gauge(0.25, 10, "ok")[0][0] == "━━╸"
    assert gauge(0.0001, 10, "ok")[0][0] == "╸"
    assert gauge(0, 10, "ok")[0][0] == ""
    assert gauge(1.09, 10, "breach")[0][0] == "━" * 10


def test_a_price_is_lit_for_a_moment_by_the_way_it_moved() -> None:
    flash = Flash(100)
    assert flash.see(100, 0) == 0
    assert flash.see(101, NS_PER_MS) == 1
    assert flash.see(101, NS_PER_MS + FLASH_NS - 1) == 1
    assert flash.see(101, NS_PER_MS + FLASH_NS) == 0


def test_a_price_is_not_lit_again_too_soon() -> None:
    flash = Flash(100)
    assert flash.see(101, 0) == 1
    assert flash.see(99, FLASH_EVERY_NS - 1) == 0
    assert flash.see(98, FLASH_EVERY_NS) == -1


def test_the_first_price_lights_nothing() -> None:
    flash = Flash(0)
    assert flash.see(100, 10 * FLASH_EVERY_NS) == 0
