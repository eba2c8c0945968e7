"""The desk's risk numbers: against the plain functions, and where they are not defined."""

from __future__ import annotations

import math
import random
import subprocess
import sys
from collections.abc import Mapping, Sequence

import pytest

from engine.messages.views import MetricView
from engine.model.instrument import MICROS, Symbol
from engine.portfolio import contributions, ratios, returns, risk_numbers, value_at_risk

A, B, SPY = Symbol("A"), Symbol("B"), Symbol("SPY")
EQUITY_MICROS = 1_000_000 * MICROS
DAYS = {A: 390.0, B: 1_440.0, SPY: 390.0}
LONG_SHORT = {A: 200_000 * MICROS, B: -50_000 * MICROS}


def walk(seed: int, count: int = 500, volatility: float = 0.001) -> list[int]:
    draws, price, closes = random.Random(seed), 1_000_000, []
    for _ in range(count):
        closes.append(price)
        price = round(price * (1 + draws.gauss(0, volatility)))
    return closes


CLOSES = {A: walk(1), B: walk(2, volatility=0.002), SPY: walk(3)}


def numbers(
    exposures: Mapping[Symbol, int] = LONG_SHORT,
    closes: Mapping[Symbol, Sequence[int]] = CLOSES,
    equity_micros: int = EQUITY_MICROS,
) -> dict[str, MetricView]:
    found = risk_numbers.compute(
        exposures,
        closes,
        bars_per_day=DAYS,
        days_per_year=252.0,
        equity_micros=equity_micros,
        drawdown=-0.125,
    )
    return {metric.name: metric for metric in found.metrics}


def daily(symbol: Symbol) -> list[float]:
    return [change * math.sqrt(DAYS[symbol]) for change in returns.simple_returns(CLOSES[symbol])]


MONEY = {symbol: micros / MICROS for symbol, micros in LONG_SHORT.items()}
DAILY = {symbol: daily(symbol) for symbol in CLOSES}
SERIES = contributions.portfolio_series(MONEY, DAILY)
SPLIT = contributions.contributions(MONEY, DAILY, 0.01) or {}


@pytest.mark.parametrize(
    ("name", "wanted", "unit"),
    [
        ("var_normal", sum(part.component for part in SPLIT.values()), "money"),
        ("var_ewma", value_at_risk.ewma_var(SERIES, 0.01), "money"),
        ("var_historical", value_at_risk.historical_var(SERIES, 0.01), "money"),
        ("expected_shortfall", value_at_risk.historical_es(SERIES, 0.01), "money"),
        ("largest_component", max(part.component for part in SPLIT.values()), "money"),
        ("annual_volatility", (ratios.annual_volatility(SERIES, 252.0) or 0.0) / 10_000.0, "percent"),
        ("beta", (ratios.beta(SERIES, DAILY[SPY]) or 0.0) / 1e6, "ratio"),
        ("drawdown", -12.5, "percent"),
    ],
)
def test_a_number_is_what_the_plain_function_says(name: str, wanted: float, unit: str) -> None:
    found = numbers()[name]
    assert found.value == pytest.approx(wanted, rel=1e-9)
    assert found.unit == unit


def test_the_largest_part_is_named() -> None:
    largest = max(SPLIT, key=lambda symbol: SPLIT[symbol].component)
    assert str(largest) in numbers()["largest_component"].label.split()


def test_a_hedge_lowers_the_value_at_risk_and_is_not_the_largest_part() -> None:
    closes = {A: CLOSES[A], B: CLOSES[A]}
    days = {A: 390.0, B: 390.0}

    def of(exposures: Mapping[Symbol, int]) -> dict[str, MetricView]:
        found = risk_numbers.compute(
            exposures, closes, bars_per_day=days, days_per_year=252.0, equity_micros=1, drawdown=0.0
        )
        return {metric.name: metric for metric in found.metrics}

    alone, hedged = of({A: 100 * MICROS}), of({A: 100 * MICROS, B: -60 * MICROS})
    assert (hedged["var_normal"].value or 0) == pytest.approx(0.4 * (alone["var_normal"].value or 0))
    assert "A" in hedged["largest_component"].label.split()


@pytest.mark.parametrize(
    ("exposures", "closes"),
    [
        ({}, CLOSES),
        (LONG_SHORT, {A: CLOSES[A]}),
        (LONG_SHORT, {A: CLOSES[A], B: CLOSES[B][: risk_numbers.RETURNS_MIN]}),
        (LONG_SHORT, {A: CLOSES[A], B: [0, *CLOSES[B][1:]]}),
    ],
    ids=["nothing held", "no bars", "few bars", "no price"],
)
def test_without_a_history_of_everything_held_only_the_drawdown_is_known(
    exposures: Mapping[Symbol, int], closes: Mapping[Symbol, Sequence[int]]
) -> None:
    known = [name for name, metric in numbers(exposures, closes).items() if metric.value is not None]
    assert known == ["drawdown"]


def test_what_does_not_move_has_no_risk_and_no_largest_part() -> None:
    found = numbers({A: MICROS}, {A: [100] * 50})
    assert (found["var_normal"].value, found["annual_volatility"].value) == (0.0, 0.0)
    assert found["largest_component"].value is None


def test_without_the_benchmark_there_is_no_beta() -> None:
    found = numbers(closes={A: CLOSES[A], B: CLOSES[B]})
    assert found["beta"].value is None
    assert found["var_normal"].value is not None


def test_without_equity_nothing_is_said_relative_to_it() -> None:
    found = numbers(equity_micros=0)
    assert (found["beta"].value, found["annual_volatility"].value) == (None, None)


def test_the_shorter_history_sets_the_span_and_the_newest_bars_count() -> None:
    longer = {A: [1, 5, 2, 9, *CLOSES[A]], B: CLOSES[B]}
    assert numbers(closes={**longer, SPY: CLOSES[SPY]}) == numbers()


def test_only_the_last_bars_are_looked_at() -> None:
    count = risk_numbers.RETURNS_MAX + 1
    closes = {A: walk(1, 2 * count), B: walk(2, 2 * count)}
    recent = {symbol: series[-count:] for symbol, series in closes.items()}
    assert numbers(closes=closes) == numbers(closes=recent)


@pytest.mark.parametrize(
    ("calendars", "days"), [(["24/7"], 365.0), (["24/7", "XNYS"], 252.0), (["FX"], 252.0)]
)
def test_only_what_trades_every_day_has_a_year_of_every_day(calendars: list[str], days: float) -> None:
    assert risk_numbers.trading_days(calendars) == days


@pytest.mark.parametrize(("calendar", "minutes"), [("24/7", 1_440.0), ("FX", 1_440.0), ("XNYS", 390.0)])
def test_a_day_has_as_many_bars_as_its_calendar_is_open(calendar: str, minutes: float) -> None:
    assert risk_numbers.minutes_per_day(calendar) == minutes


def test_numpy_stays_away_until_something_is_held() -> None:
    script = (
        "import sys, engine.bootstrap; from engine.portfolio import risk_numbers, monte_carlo, valuation;"
        "risk_numbers.compute({}, {}, bars_per_day={}, days_per_year=252, equity_micros=1, drawdown=0.0);"
        "sys.exit('numpy' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
