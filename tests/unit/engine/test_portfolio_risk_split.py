"""Whose risk it is, and whether VaR was right: parts that add up, hedges, and the count of losses beyond it."""

from __future__ import annotations

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.model.instrument import Symbol
from engine.portfolio.contributions import portfolio_series, undiversified_var
from engine.portfolio.risk_split import WARM_UP, check, split
from engine.portfolio.value_at_risk import normal_quantile

A, B, C = Symbol("A"), Symbol("B"), Symbol("C")
TAIL = 0.01


def series(seed: int, count: int = 200, scale: float = 0.01) -> list[float]:
    draws = random.Random(seed)
    return [draws.gauss(0, scale) for _ in range(count)]


RETURNS = {A: series(1), B: series(2, scale=0.03), C: series(3)}


@given(
    st.tuples(*[st.floats(-1e6, 1e6).filter(lambda money: abs(money) > 1.0)] * 3),
)
def test_the_parts_add_up_to_the_whole_whatever_is_held(money: tuple[float, float, float]) -> None:
    exposures = dict(zip((A, B, C), money, strict=True))
    total = portfolio_series(exposures, RETURNS)
    found = split(exposures, RETURNS, total, TAIL)
    assert found is not None
    deviation = math.sqrt(sum((made - math.fsum(total) / 200) ** 2 for made in total) / 199)
    assert found.together == pytest.approx(normal_quantile(TAIL) * deviation, rel=1e-6)
    assert math.fsum(part.share for part in found.parts) == pytest.approx(1.0)
    assert math.fsum(part.in_tail for part in found.parts) == pytest.approx(found.shortfall)
    assert math.fsum(part.alone for part in found.parts) == pytest.approx(
        undiversified_var(exposures, RETURNS, TAIL)
    )
    assert found.together <= math.fsum(part.alone for part in found.parts) * (1 + 1e-9)
    assert [part.component for part in found.parts] == sorted(
        (part.component for part in found.parts), reverse=True
    )


def test_a_hedge_takes_risk_away() -> None:
    exposures = {A: 100.0, B: -40.0}
    returns = {A: RETURNS[A], B: RETURNS[A]}
    found = split(exposures, returns, portfolio_series(exposures, returns), TAIL)
    assert found is not None
    assert [(part.symbol, part.component > 0) for part in found.parts] == [(A, True), (B, False)]


def test_what_does_not_move_has_no_parts() -> None:
    assert split({A: 100.0}, {A: [0.0] * 50}, [0.0] * 50, TAIL) is None


def test_a_var_of_what_is_normal_is_not_found_wrong() -> None:
    found = check(series(5, 700), 0.05)
    assert found is not None
    assert found.bars == 700 - WARM_UP
    assert found.expected == pytest.approx(0.05 * found.bars)
    assert found.number_p > 0.05


def test_a_var_that_is_exceeded_too_often_is_found_wrong() -> None:
    """Losses of ten deviations in every twentieth bar: many more than one in a hundred."""
    total = [(-0.1 if number % 20 == 0 else made) for number, made in enumerate(series(6, 700))]
    found = check(total, TAIL)
    assert found is not None
    assert found.beyond > 3 * found.expected
    assert found.number_p < 0.01


def test_losses_that_follow_each_other_are_not_put_down_to_chance() -> None:
    total = [
        (-0.2 * (1 + number % 50) if number % 50 in {1, 2, 3} else made)
        for number, made in enumerate(series(7, 700))
    ]
    found = check(total, TAIL)
    assert found is not None
    assert found.alone_p < 0.05


def test_with_few_bars_nothing_is_judged() -> None:
    assert check(series(8, WARM_UP + 50), TAIL) is None
