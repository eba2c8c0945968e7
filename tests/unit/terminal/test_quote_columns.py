from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.messages.views import QuoteView
from engine.model.instrument import Symbol
from engine.model.market_state import Trust
from terminal.format import Figures
from terminal.widgets import quote_columns as columns
from terminal.widgets.quote_order import Sort, ordered
from tests.market_views import instrument, quote

FIGURES = Figures(instrument())


def placed(room: int, *lasts: int) -> tuple[columns.Column, ...]:
    needs = columns.Needs()
    needs.grow(columns.texts(quote(last=last), FIGURES) for last in lasts or (18_234,))
    return columns.place(needs, room)


def names(room: int, *lasts: int) -> list[str]:
    return [column.name for column in placed(room, *lasts)]


def test_a_pane_of_the_reference_desk_has_the_seven_columns_of_the_picture() -> None:
    assert names(56, 18_234, 174_290) == ["symbol", "last", "change", "bid", "ask", "volume", "spark"]


def test_a_wide_pane_adds_spread_vwap_age_and_source() -> None:
    assert names(110) == [name for name in columns._BY_PLACE if name != "model"]


@pytest.mark.parametrize(
    ("room", "spark", "has"),
    [(56, True, False), (56, False, True), (110, True, True), (110, False, True), (36, False, False)],
)
def test_what_models_say_has_a_column_where_there_is_room_beyond_the_usual(
    room: int,
    spark: bool,
    has: bool,
) -> None:
    needs = columns.Needs()
    needs.grow([columns.texts(quote(), FIGURES)])
    chosen = columns.place(needs, room, spark=spark, predicts=True)
    assert ("model" in {column.name for column in chosen}) is has
    without = columns.place(needs, room, spark=spark)
    assert "model" not in {column.name for column in without}
    kept = {column.name for column in chosen} - {"model"}
    assert {column.name for column in without} - kept <= columns._EXTRA
    runs = columns.cells(chosen, quote(), FIGURES, 0, 0, ("▲64%", "up"))
    assert [run for run in runs if "64%" in run[0]] == (
        [(" " * (chosen[-1].room - 4) + "▲64%", "up")] if has else []
    )


def test_what_models_say_of_a_stale_quote_is_as_faint_as_it() -> None:
    needs = columns.Needs()
    stale = quote(trust=Trust.STALE)
    chosen = columns.place(needs, 110, predicts=True)
    assert columns.cells(chosen, stale, FIGURES, 0, 0, ("▼99%", "down"))[-1] == (
        "  ▼99%".rjust(chosen[-1].room),
        "faint+i",
    )


def test_a_narrow_pane_gives_up_the_least_worthy_columns_first() -> None:
    assert names(44) == ["symbol", "last", "change", "bid", "ask", "volume"]
    assert names(26) == ["symbol", "last", "change"]


@given(st.integers(1, 240), st.lists(st.integers(2, 10**11), min_size=1, max_size=5))
@settings(deadline=None)
def test_columns_never_take_more_room_than_there_is_and_never_cut_a_number(
    room: int, lasts: list[int]
) -> None:
    chosen = placed(room, *lasts)
    if len(chosen) > 1:
        assert columns.MARK_WIDTH + sum(column.room for column in chosen) <= room
    for last in lasts:
        runs = columns.cells(chosen, quote(last=last), FIGURES, 0, 0)
        assert not columns.outgrown(chosen, runs)
        assert [len(text) for text, _ in runs] == [column.room for column in chosen]


MIXED = (("0.00001", 116_917), ("0.01", 18_234), ("1", 96_037), ("0.1", 0))


def rows_of_mixed() -> list[tuple[QuoteView, Figures]]:
    return [
        (quote(last=last), Figures(instrument(unit=unit, tick=unit))) if last else (empty(), FIGURES)
        for unit, last in MIXED
    ]


def needs_of_mixed() -> columns.Needs:
    needs = columns.Needs()
    needs.grow(columns.texts(*row) for row in rows_of_mixed())
    return needs


def mixed(room: int) -> dict[str, list[str]]:
    """Return each column's texts of instruments that trade in other steps, as they stand below each other."""
    chosen = columns.place(needs_of_mixed(), room)
    cells = [columns.cells(chosen, view, figures, 0, 0) for view, figures in rows_of_mixed()]
    assert all(
        len(text) == column.room for row in cells for column, (text, _) in zip(chosen, row, strict=True)
    )
    return {column.name: [row[index][0] for row in cells] for index, column in enumerate(chosen)}


def empty() -> QuoteView:
    return quote(last=1, bid=0, ask=0, vwap=0)


@pytest.mark.parametrize("name", ["last", "bid", "ask", "vwap"])
def test_where_there_is_room_the_points_of_prices_stand_below_each_other(name: str) -> None:
    texts = mixed(140)[name]
    points = {text.index(".") for text in texts if "." in text}
    assert len(points) == 1
    (point,) = points
    assert all(text[point] == " " and text[point - 1].strip() for text in texts if "." not in text)


@pytest.mark.parametrize("room", range(20, 160, 7))
def test_aligning_the_points_costs_no_column_and_cuts_no_number(room: int) -> None:
    needs = needs_of_mixed()
    names = [name for name in columns._BY_WORTH if name != "model"]
    plain = columns._fitting(names, needs.widths, {}, room)
    assert [column.name for column in columns.place(needs, room)] == [column.name for column in plain]
    assert [text.strip() for text in mixed(room)["last"]] == ["1.16917", "182.34", "96037", "0.01"]


def test_a_price_that_outgrew_its_column_is_noticed() -> None:
    chosen = placed(56, 18_234)
    assert columns.outgrown(chosen, columns.cells(chosen, quote(last=123_456_789), FIGURES, 0, 0))


def roles(room: int = 56, flash: int = 0, **changes: object) -> dict[str, str]:
    chosen = placed(room)
    runs = columns.cells(chosen, quote(**changes), FIGURES, 4_200_000_000, flash)  # type: ignore[arg-type]
    return {column.name: role for column, (_, role) in zip(chosen, runs, strict=True)}


def shown(**changes: object) -> dict[str, str]:
    view = quote(**changes)  # type: ignore[arg-type]
    needs = columns.Needs()
    needs.grow([columns.texts(view, FIGURES)])
    chosen = columns.place(needs, 80)
    runs = columns.cells(chosen, view, FIGURES, 0, 0)
    return {column.name: text.strip() for column, (text, _) in zip(chosen, runs, strict=True)}


def test_a_market_without_trades_shows_its_middle_marked_as_derived_and_the_change_since_the_days_first() -> (
    None
):
    row = shown(last=0, bid=18_000, ask=18_020, prior_close=0, day_open=17_800, vwap=0)
    assert (row["last"], row["change"]) == ("≈180.10", "▲ 1.18")
    assert roles(last=0, bid=18_000, ask=18_020)["last"] == "text"


def test_a_market_with_trades_shows_the_last_of_them() -> None:
    assert shown()["last"] == "182.34"


def test_a_market_with_one_side_and_no_trade_has_no_price() -> None:
    row = shown(last=0, bid=18_000, ask=0)
    assert (row["last"], row["change"].split()[-1]) == ("–", "–")  # noqa: RUF001  # as wide as a digit


def test_a_vwap_keeps_the_decimals_of_the_tick() -> None:
    fine = Figures(instrument(unit="0.0001"))
    assert [fine.average(units) for units in (1_817_500, 1_817_449, 1_817_951, 0)] == [
        "181.75",
        "181.74",
        "181.80",
        "–",  # noqa: RUF001
    ]


def test_a_stale_row_is_faint_throughout_and_shows_its_age_for_its_sparkline() -> None:
    chosen = placed(56)
    runs = columns.cells(chosen, quote(trust=Trust.STALE), FIGURES, 4_200_000_000, 0)
    assert {role for _, role in runs} == {"faint+i", "warn+i"}
    assert runs[-1][0].strip() == "4.2s"


def test_a_flash_lights_the_last_price_and_its_change_alone() -> None:
    lit = {name for name, role in roles(flash=-1).items() if role.endswith("/flash_down")}
    assert lit == {"last", "change"}


def test_a_price_that_ticks_up_on_a_falling_day_keeps_its_fall_in_red() -> None:
    lit = roles(flash=1, last=17_800)
    assert (lit["last"], lit["change"]) == ("up+b/flash_up", "down+b/flash_up")


def test_a_distrusted_quote_does_not_look_like_one_to_trade_on() -> None:
    doubted = roles(trust=Trust.DISTRUSTED)
    assert doubted["last"] == doubted["bid"] == doubted["ask"] == "muted+i"


@pytest.mark.parametrize(
    ("last", "glyph", "role"), [(18_000, "▲", "up"), (17_800, "▼", "down"), (17_900, "·", "muted")]
)
def test_a_change_has_a_glyph_as_well_as_a_colour(last: int, glyph: str, role: str) -> None:
    chosen = placed(56)
    text, found = columns.cells(chosen, quote(last=last), FIGURES, 0, 0)[2]
    assert (text.strip()[0], found) == (glyph, role)


def test_the_sorted_column_is_marked_in_the_head() -> None:
    text = "".join(run[0] for run in columns.header(placed(56), "volume"))
    assert "Vol▾" in text
    assert len(text) == 56


def test_sorts_go_round() -> None:
    assert [sort.following for sort in Sort] == [Sort.SYMBOL, Sort.CHANGE, Sort.VOLUME, Sort.MANUAL]


def test_orders_put_the_greatest_first_and_symbols_without_quotes_last() -> None:
    listed = [Symbol(name) for name in ("B", "A", "C", "Z")]
    quotes = {
        listed[0]: quote("B", 18_000, volume=5),
        listed[1]: quote("A", 17_000, volume=50),
        listed[2]: quote("C", 19_000, volume=10),
    }
    instruments = {symbol: instrument(symbol) for symbol in listed}
    in_order = {sort: "".join(ordered(listed, sort, quotes, instruments)) for sort in Sort}
    assert in_order == {"manual": "BACZ", "symbol": "ABCZ", "change": "CBAZ", "volume": "ACBZ"}
