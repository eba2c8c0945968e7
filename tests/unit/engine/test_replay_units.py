"""Prices and sizes become whole units exactly, or not at all."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.adapters.replay.units import decimals_of_floats, units_of_floats
from engine.adapters.texts import Unreadable, units_of_text


@settings(deadline=None)
@given(st.integers(0, 10**14), st.integers(0, 8), st.integers(0, 4))
def test_a_number_as_text_comes_out_exactly(digits: int, written: int, finer: int) -> None:
    text = f"{Decimal(digits).scaleb(-written):f}"
    assert units_of_text(text, written + finer) == digits * 10**finer


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "not_a_number"),
        ("NaN", "not_a_number"),
        ("1_000", "not_a_number"),
        ("1e5", "not_a_number"),
        ("٣", "not_a_number"),
        ("-1.5", "negative_value"),
        ("Infinity", "absurd_value"),
        ("9" * 30, "absurd_value"),
        ("1" * 5000, "absurd_value"),
        ("1.234", "off_grid"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_reason(text: str, reason: str) -> None:
    with pytest.raises(Unreadable) as refused:
        units_of_text(text, 2)
    assert refused.value.reason == reason


@settings(deadline=None)
@given(st.integers(0, 10**10), st.integers(0, 6), st.integers(1, 4))
def test_zeros_beyond_what_fits_say_nothing(digits: int, decimals: int, zeros: int) -> None:
    text = f"{Decimal(digits * 10**zeros).scaleb(-decimals - zeros):f}"
    assert units_of_text(text, decimals) == digits


@settings(deadline=None)
@given(st.lists(st.integers(0, 10**11), min_size=1), st.integers(0, 8))
def test_decimal_numbers_in_floating_point_come_out_exactly(digits: list[int], decimals: int) -> None:
    values = np.array([float(Decimal(n).scaleb(-decimals)) for n in digits])
    units, bad = units_of_floats(values, 10**decimals)
    assert units.tolist() == digits
    assert not bad.any()


@settings(deadline=None)
@given(st.lists(st.integers(1, 10**9), min_size=1), st.integers(0, 6))
def test_the_decimals_found_are_enough_for_every_value(digits: list[int], decimals: int) -> None:
    values = np.array([float(Decimal(n).scaleb(-decimals)) for n in digits])
    found = decimals_of_floats(values, 9)
    assert found <= decimals
    assert not units_of_floats(values, 10**found)[1].any()


def test_no_number_and_a_number_between_units_do_not_fit() -> None:
    _, bad = units_of_floats(np.array([1.0, np.nan, np.inf, 0.005, 1e30, 0.01]), 100)
    assert bad.tolist() == [False, True, True, True, True, False]
