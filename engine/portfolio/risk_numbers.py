"""The risk numbers of the desk: what the positions held now would have gone through.

Every series is of constant exposures: today's positions over the recent bars. One bar is scaled to a day by
the square root of time, each symbol by its own day, so that shares and coins add up. The mean is taken as
zero but in the historical numbers, whose percentile holds it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from engine.messages.risk_views import RiskSplitView
from engine.messages.views import MetricView
from engine.model.instrument import MICROS, Symbol
from engine.portfolio.moments import deviation
from engine.portfolio.ratios import beta
from engine.portfolio.risk_split import split
from engine.portfolio.value_at_risk import ewma_var, historical_es, historical_var, normal_quantile

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Matrix = NDArray[np.float64]

BENCHMARK = Symbol("SPY")
RETURNS_MAX = 750
"""How many bars back the numbers look."""
RETURNS_MIN = 30
"""Below this nothing is said: a deviation of fewer bars is noise."""
TAIL = 0.01
_MINUTES_PER_DAY = {"24/7": 1_440.0, "FX": 1_440.0}
_SESSION_MINUTES = 390.0


class RiskNumbers(NamedTuple):
    """What the desk says of the risk of what is held."""

    metrics: tuple[MetricView, ...]
    split: RiskSplitView | None
    """None where there is nothing to split."""


NO_NUMBERS = RiskNumbers((), None)
"""While nothing is held."""


class _History(NamedTuple):
    """What is held, and what it made in each period, at a day's size."""

    exposures: dict[Symbol, float]
    """Money in base."""
    returns: dict[Symbol, list[float]]
    total: list[float]
    """The money that all made."""


def minutes_per_day(calendar: str) -> float:
    """Return how many one-minute bars a trading day of a calendar has; an exchange's is 6.5 hours."""
    return _MINUTES_PER_DAY.get(calendar, _SESSION_MINUTES)


def trading_days(calendars: Iterable[str]) -> float:
    """Return how many days of trading a year has: every day only where everything trades every day."""
    return 365.0 if all(calendar == "24/7" for calendar in calendars) else 252.0


def compute(
    exposures_micros: Mapping[Symbol, int],
    closes: Mapping[Symbol, Sequence[int]],
    *,
    bars_per_day: Mapping[Symbol, float],
    days_per_year: float,
    equity_micros: int,
    drawdown: float,
) -> RiskNumbers:
    """Return the desk's risk numbers; None where one is not defined.

    `exposures_micros` is the signed value of each position in base. `closes` are bar closes in any unit,
    oldest first, the newest of all symbols at the same time; the benchmark's may be among them. A position
    with too short a history leaves all but the drawdown undefined: a number without it would be too small.
    """
    history = _history(exposures_micros, closes, bars_per_day)
    total = history.total if history is not None else []
    risk = deviation(total)
    equity = equity_micros / MICROS
    yearly = risk * math.sqrt(days_per_year) / equity * 100.0 if risk is not None and equity > 0 else None
    normal = normal_quantile(TAIL) * risk if risk is not None else None
    parts = split(history.exposures, history.returns, total, TAIL) if history is not None else None
    metrics = (
        MetricView("annual_volatility", "Volatility, 1 y", yearly, "percent"),
        MetricView("var_normal", "VaR 99% 1d normal", normal, "money"),
        MetricView("var_ewma", "VaR 99% 1d EWMA", ewma_var(total, TAIL), "money"),
        MetricView("var_historical", "VaR 99% 1d hist.", historical_var(total, TAIL), "money"),
        MetricView("expected_shortfall", "ES 99% 1d hist.", historical_es(total, TAIL), "money"),
        MetricView("beta", f"Beta to {BENCHMARK}", _beta(total, closes, bars_per_day, equity), "ratio"),
        _largest(parts),
        MetricView("drawdown", "Drawdown", drawdown * 100.0, "percent"),
    )
    return RiskNumbers(metrics, parts)


def _history(
    exposures: Mapping[Symbol, int],
    closes: Mapping[Symbol, Sequence[int]],
    bars_per_day: Mapping[Symbol, float],
) -> _History | None:
    """Return what each position would have made; None without positions or with too little to go by."""
    count = min((len(closes.get(symbol, ())) for symbol in exposures), default=0)
    if count <= RETURNS_MIN:
        return None
    import numpy as np  # noqa: PLC0415  # not needed before there is a position

    symbols = tuple(exposures)
    changes = _changes([closes[symbol] for symbol in symbols], min(count, RETURNS_MAX + 1))
    if changes is None:
        return None
    daily = changes * np.sqrt([bars_per_day[symbol] for symbol in symbols])[:, None]
    money = [exposures[symbol] / MICROS for symbol in symbols]
    return _History(
        dict(zip(symbols, money, strict=True)),
        dict(zip(symbols, daily.tolist(), strict=True)),
        (np.array(money) @ daily).tolist(),
    )


def _changes(closes: Sequence[Sequence[int]], count: int) -> Matrix | None:
    """Return the simple returns of the last `count` closes, a row each; None if a price is not above 0."""
    import numpy as np  # noqa: PLC0415  # not needed before there is a position

    prices = np.array([row[-count:] for row in closes], dtype=np.float64)
    return prices[:, 1:] / prices[:, :-1] - 1.0 if prices.min() > 0 else None


def _largest(parts: RiskSplitView | None) -> MetricView:
    """Return the largest part of the normal VaR."""
    if parts is None:
        return MetricView("largest_component", "Largest VaR", None, "money")
    largest = parts.parts[0]
    return MetricView("largest_component", f"Largest VaR {largest.symbol}", largest.component, "money")


def _beta(
    total: Sequence[float],
    closes: Mapping[Symbol, Sequence[int]],
    bars_per_day: Mapping[Symbol, float],
    equity: float,
) -> float | None:
    """Return the account's beta: by how much of its equity it moves when the benchmark moves by as much."""
    market = closes.get(BENCHMARK, ())
    if not total or equity <= 0 or len(market) <= len(total):
        return None
    changes = _changes([market], len(total) + 1)
    if changes is None:
        return None
    day = math.sqrt(bars_per_day[BENCHMARK])
    return beta([made / equity for made in total], [float(change) * day for change in changes[0]])
