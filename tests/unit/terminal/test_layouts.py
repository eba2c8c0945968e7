from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from textual.geometry import Region

from terminal.layouts import (
    COLUMNS_MIN,
    PANES,
    ROWS_MIN,
    Layout,
    behind,
    layout_for,
    number_of,
    offered,
    place,
)

COLUMNS, ROWS = st.integers(1, 400), st.integers(1, 200)
CHOSEN = st.lists(st.sampled_from(PANES), unique=True).map(tuple)
ZOOMED = st.none() | st.sampled_from(PANES)
PREDICTS = st.booleans()


def placed(
    columns: int, rows: int, chosen: tuple[str, ...], zoomed: str | None = None, *, predicts: bool = False
) -> dict[str, Region]:
    area = Region(0, 0, columns, rows - 4)
    return place(layout_for(columns, rows), area, chosen, zoomed, predicts=predicts)


@given(COLUMNS, ROWS, CHOSEN, ZOOMED, PREDICTS)
@settings(deadline=None)
def test_panes_never_overlap_and_never_leave_the_screen(
    columns: int,
    rows: int,
    chosen: tuple[str, ...],
    zoomed: str | None,
    predicts: bool,
) -> None:
    area = Region(0, 0, columns, rows - 4)
    places = placed(columns, rows, chosen, zoomed, predicts=predicts)
    assert all(area.contains_region(region) and region.area for region in places.values())
    assert not any(one.overlaps(other) for one, other in combinations(places.values(), 2))


@given(st.integers(COLUMNS_MIN, 400), st.integers(ROWS_MIN, 200), CHOSEN, ZOOMED, PREDICTS)
@settings(deadline=None)
def test_no_cell_is_left_empty(
    columns: int,
    rows: int,
    chosen: tuple[str, ...],
    zoomed: str | None,
    predicts: bool,
) -> None:
    places = placed(columns, rows, chosen, zoomed, predicts=predicts)
    assert sum(region.area for region in places.values()) == columns * (rows - 4)


@given(st.integers(COLUMNS_MIN, 400), st.integers(ROWS_MIN, 200), CHOSEN, st.sampled_from(PANES), PREDICTS)
@settings(deadline=None)
def test_the_pane_that_was_gone_to_is_always_seen(
    columns: int,
    rows: int,
    chosen: tuple[str, ...],
    last: str,
    predicts: bool,
) -> None:
    assert last in placed(columns, rows, (*chosen, last), predicts=predicts)


@pytest.mark.parametrize("columns", [150, 160, 199, 200, 240])
def test_where_no_model_predicts_the_tape_has_its_place_until_the_signals_are_gone_to(columns: int) -> None:
    assert list(placed(columns, 48, ("quotes",))) == list(PANES[:9])
    other = placed(columns, 48, ("quotes", "signals"))
    assert list(other) == [*PANES[:8], "signals"]
    assert other["signals"] == placed(columns, 48, ("signals", "tape"))["tape"]


@pytest.mark.parametrize(("columns", "count"), [(199, 9), (200, 10), (240, 10)])
def test_where_models_predict_a_wide_desk_has_signals_below_the_ticket_and_the_tape_beside_them(
    columns: int, count: int
) -> None:
    places = placed(columns, 48, ("quotes",), predicts=True)
    assert len(places) == count
    if count == len(PANES):
        assert places["signals"].column_span == places["ticket"].column_span
        assert places["tape"].right == places["signals"].x
        assert places["risk"].width >= 56
        assert places["health"].width >= 50
        assert places["tape"].width >= 38
    assert behind(places, predicts=True) == ({} if count == len(PANES) else {"tape": "signals"})


def test_what_is_hidden_is_told_only_where_models_predict_and_no_tabs_do() -> None:
    full, four = placed(160, 48, ("signals",)), placed(120, 36, ("signals",))
    assert behind(full, predicts=True) == {"signals": "tape"}
    assert behind(full, predicts=False) == behind(four, predicts=True) == {}


def test_signals_are_offered_where_models_predict_and_while_they_are_seen() -> None:
    assert offered((), predicts=False) == list(PANES[:9])
    assert offered({"signals"}, predicts=False) == offered((), predicts=True) == list(PANES)
    assert [number_of(pane) for pane in PANES] == [1, 2, 3, 4, 5, 6, 7, 8, 9, 0]


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
