from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from textual.geometry import Region

from terminal.layouts import COLUMNS_MIN, PANES, ROWS_MIN, Layout, layout_for, place

COLUMNS, ROWS = st.integers(1, 400), st.integers(1, 200)
CHOSEN = st.lists(st.sampled_from(PANES), unique=True).map(tuple)
ZOOMED = st.none() | st.sampled_from(PANES)


def placed(columns: int, rows: int, chosen: tuple[str, ...], zoomed: str | None) -> dict[str, Region]:
    area = Region(0, 0, columns, rows - 4)
    return place(layout_for(columns, rows), area, chosen, zoomed)


@given(COLUMNS, ROWS, CHOSEN, ZOOMED)
@settings(deadline=None)
def test_panes_never_overlap_and_never_leave_the_screen(
    columns: int, rows: int, chosen: tuple[str, ...], zoomed: str | None
) -> None:
    area = Region(0, 0, columns, rows - 4)
    places = placed(columns, rows, chosen, zoomed)
    assert all(area.contains_region(region) and region.area for region in places.values())
    assert not any(one.overlaps(other) for one, other in combinations(places.values(), 2))


@given(st.integers(COLUMNS_MIN, 400), st.integers(ROWS_MIN, 200), CHOSEN, ZOOMED)
@settings(deadline=None)
def test_no_cell_is_left_empty(columns: int, rows: int, chosen: tuple[str, ...], zoomed: str | None) -> None:
    places = placed(columns, rows, chosen, zoomed)
    assert sum(region.area for region in places.values()) == columns * (rows - 4)


@given(st.integers(COLUMNS_MIN, 400), st.integers(ROWS_MIN, 200), CHOSEN, st.sampled_from(PANES))
@settings(deadline=None)
def test_the_pane_that_was_gone_to_is_always_seen(
    columns: int, rows: int, chosen: tuple[str, ...], last: str
) -> None:
    assert last in placed(columns, rows, (*chosen, last), None)


@pytest.mark.parametrize(
    ("size", "layout"),
    [
        ((20, 5), Layout.TINY),
        ((39, 50), Layout.TINY),
        ((40, 12), Layout.SINGLE),
        ((80, 24), Layout.SINGLE),
        ((120, 36), Layout.QUAD),
        ((160, 43), Layout.QUAD),
        ((160, 48), Layout.FULL),
        ((240, 67), Layout.FULL),
    ],
)
def test_a_size_has_its_layout(size: tuple[int, int], layout: Layout) -> None:
    assert layout_for(*size) is layout


def test_a_slot_shows_what_was_chosen_last_for_it() -> None:
    area = Region(0, 0, 120, 32)
    assert set(place(Layout.QUAD, area, ("quotes", "risk", "health", "portfolio"), None)) == {
        "portfolio",
        "depth",
        "health",
        "ticket",
    }
