from __future__ import annotations

from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.clock import NS_PER_S
from terminal import format as fmt
from tests.market_views import NOW_NS, instrument

CENTS = fmt.figures(instrument(unit="0.0001"))
BITCOIN = fmt.figures(instrument("BTC", size_unit="0.00000001", lot="0.00001"))


@pytest.mark.parametrize(
    ("units", "text"),
    [(1_823_400, "182.34"), (1_823_450, "182.345"), (1_823_401, "182.3401"), (5, "0.0005"), (10_000, "1.00")],
)
def test_a_price_has_the_ticks_decimals_and_more_only_when_it_needs_them(units: int, text: str) -> None:
    assert CENTS.price(units) == text


@pytest.mark.parametrize(
    ("units", "text"),
    [(1_823_400, "182.340"), (1_823_450, "182.345"), (1_823_401, "182.3401"), (0, fmt.NOTHING)],
)
def test_a_price_between_two_ticks_has_the_same_decimals_as_one_that_is_on_a_tick(
    units: int, text: str
) -> None:
    assert CENTS.mid(units) == text


def test_no_price_is_a_dash_but_a_difference_of_nothing_is_zero() -> None:
    assert CENTS.price(0) == fmt.NOTHING
    assert CENTS.change(0) == "0.00"
    assert CENTS.change(-200) == "-0.02"


@pytest.mark.parametrize(
    ("unit", "tick", "units", "text"),
    [
        ("0.25", "0.25", 17, "4.25"),
        ("0.00001", "0.00001", 108_345, "1.08345"),
        ("1", "1", 250, "250"),
        ("0.2", "0.2", 7, "1.4"),
        ("0.05", "0.1", 3, "0.15"),
    ],
)
def test_every_step_that_is_a_decimal_number_is_written_exactly(
    unit: str, tick: str, units: int, text: str
) -> None:
    assert fmt.Figures(instrument(unit=unit, tick=tick)).price(units) == text


def test_a_step_that_no_decimal_number_can_write_is_refused() -> None:
    with pytest.raises(ValueError, match="1/3"):
        fmt._factor(3)


@given(st.integers(1, 10**15), st.sampled_from(["0.01", "0.00001", "0.25", "1", "0.0005"]))
@settings(deadline=None)
def test_a_written_price_reads_back_as_the_same_price(units: int, unit: str) -> None:
    listed = instrument("X", unit=unit, tick=unit)
    assert listed.price_units(Decimal(fmt.Figures(listed).price(units))) == units


@given(st.integers(0, 10**15))
@settings(deadline=None)
def test_a_written_size_reads_back_as_the_same_size(units: int) -> None:
    text = BITCOIN.size(units)
    assert BITCOIN.instrument.size_units(Decimal(text.replace(",", ""))) == units


def test_sizes_are_parted_and_unpublished_ones_are_a_dash() -> None:
    assert CENTS.size(1_146) == "1,146"
    assert CENTS.size(-1) == CENTS.compact_size(-1) == fmt.NOTHING
    assert CENTS.quantity(-1_200) == "-1,200"
    assert BITCOIN.size(12_345_000) == "0.12345"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (940, "940"),
        (999.4, "999"),
        (999.6, "1.0K"),
        (1_234, "1.2K"),
        (99_949, "99.9K"),
        (99_960, "100K"),
        (999_600, "1.0M"),
        (17_400_000, "17.4M"),
        (248e9, "248B"),
        (1.5e12, "1.5T"),
        (0.125, "0.125"),
        (12.34, "12.3"),
        (1.5, "1.5"),
        (0.00001, "<.001"),
        (-1_584, "-1.6K"),
    ],
)
def test_a_compact_number_says_its_magnitude(value: float, text: str) -> None:
    assert fmt.compact(value) == text


@given(st.floats(0, 1e15))
@settings(deadline=None)
def test_a_compact_number_takes_at_most_five_cells(value: float) -> None:
    assert len(fmt.compact(value)) <= 5


@pytest.mark.parametrize(
    ("micros", "decimals", "signed", "text"),
    [
        (1_008_214_550_000, 2, False, "1,008,214.55"),
        (8_214_550_000, 2, True, "+8,214.55"),
        (-1_584_400_000, 0, True, "-1,584"),
        (5_000, 2, False, "0.01"),
        (-5_000, 2, False, "-0.01"),
        (-4_999, 2, True, "0.00"),
        (0, 0, True, "0"),
    ],
)
def test_money_is_rounded_half_away_from_zero_and_zero_has_no_sign(
    micros: int, decimals: int, signed: bool, text: str
) -> None:
    assert fmt.money(micros, decimals, signed=signed) == text


@pytest.mark.parametrize(
    ("fraction", "text"),
    [
        (0.0184, "+1.84"),
        (-0.9999, "-99.99"),
        (-1, "-100.0"),
        (3.00031, "+300.0"),
        (9.9996, "+1.0K"),
        (123.4, "+12.3K"),
        (-50, "-5.0K"),
        (0, "0.00"),
    ],
)
def test_a_gain_fits_into_six_cells(fraction: float, text: str) -> None:
    assert fmt.gain_percent(fraction) == text
    assert len(text) <= 6


def test_percentages_carry_a_sign_unless_they_round_to_nothing() -> None:
    assert fmt.percent(0.0184) == "+1.84"
    assert fmt.percent(-0.5, 0) == "-50"
    assert fmt.percent(-0.000001) == "0.00"
    assert fmt.percent(0.76, 0, signed=False) == "76"


@pytest.mark.parametrize(
    ("last", "before", "text"),
    [(10_184, 10_000, "1.84"), (9_000, 10_000, "10.00"), (25_000, 10_000, "150.0"), (0, 1, "–"), (1, 0, "–")],  # noqa: RUF001
)
def test_a_move_has_no_sign_since_its_glyph_is_the_sign(last: int, before: int, text: str) -> None:
    assert fmt.move_percent(last, before) == text


def test_a_direction_is_a_glyph() -> None:
    assert [fmt.direction(value) for value in (1, -1, 0)] == ["▲", "▼", "·"]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.04, "0.0s"), (4.2, "4.2s"), (9.96, "10s"), (59, "59s"), (180, "3m"), (7_200, "2h"), (864_000, "10d")],
)
def test_an_age_is_short(seconds: float, text: str) -> None:
    assert fmt.age(int(seconds * NS_PER_S)) == text


@given(st.integers(-10, 10**19))
@settings(deadline=None)
def test_an_age_takes_at_most_four_cells(age_ns: int) -> None:
    assert len(fmt.age(age_ns)) <= 4


def test_a_bars_length_is_written_as_a_trader_says_it() -> None:
    lengths = [0, 30, 60, 300, 3_600, 86_400, 90]
    assert [fmt.interval(s * NS_PER_S) for s in lengths] == ["ticks", "30s", "1m", "5m", "1h", "1d", "90s"]


def test_times_are_shown_in_the_zone_that_was_asked_for() -> None:
    new_york = ZoneInfo("America/New_York")
    assert fmt.time_of_day(NOW_NS) == "14:02:11"
    assert fmt.time_of_day(NOW_NS, ms=True) == "14:02:11.638"
    assert fmt.minute_of_day(NOW_NS, new_york) == "09:02"
    assert fmt.zone_name(NOW_NS, new_york) == "EST"
    assert fmt.month_and_day(NOW_NS) == "25 Nov"
    assert fmt.seconds_since_midnight(NOW_NS, new_york) == 9 * 3600 + 2 * 60 + 11


def test_a_zones_clock_jumps_when_summer_time_ends() -> None:
    new_york, before = ZoneInfo("America/New_York"), 1_762_063_199 * NS_PER_S
    assert fmt.time_of_day(before, new_york) == "01:59:59"
    assert fmt.time_of_day(before + NS_PER_S, new_york) == "01:00:00"
