"""Whose risk it is: VaR split over the parts of a portfolio.

Exposures are money (or weights), returns one series per part, all of one length. Covariances with the
portfolio's own series give every part's share without the full matrix.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from typing import NamedTuple, TypeVar

from engine.portfolio.moments import covariance, deviation
from engine.portfolio.value_at_risk import normal_quantile

Part = TypeVar("Part", bound=Hashable)


class Contribution(NamedTuple):
    """One part's share of the normal VaR, zero mean."""

    marginal: float
    """Change of VaR for one more unit of exposure."""
    component: float
    """Exposure x marginal; components sum to the VaR (Euler), a hedge's is negative."""
    share: float


def portfolio_series(exposures: Mapping[Part, float], returns: Mapping[Part, Sequence[float]]) -> list[float]:
    """Return what the portfolio as it stands would have made in each period."""
    total: list[float] = []
    for part, exposure in exposures.items():
        made = [exposure * change for change in returns[part]]
        total = [sum(pair) for pair in zip(total, made, strict=True)] if total else made
    return total


def contributions(
    exposures: Mapping[Part, float],
    returns: Mapping[Part, Sequence[float]],
    tail: float,
    series: Sequence[float] | None = None,
) -> dict[Part, Contribution] | None:
    """Split the VaR over the parts; None when the portfolio does not move."""
    series = portfolio_series(exposures, returns) if series is None else series
    risk = deviation(series)
    if not risk:
        return None
    quantile = normal_quantile(tail)
    split = {}
    for part, exposure in exposures.items():
        marginal = quantile * (covariance(returns[part], series) or 0.0) / risk
        component = exposure * marginal
        split[part] = Contribution(marginal, component, component / (quantile * risk))
    return split


def incremental_var(
    exposures: Mapping[Part, float], returns: Mapping[Part, Sequence[float]], tail: float, part: Part
) -> float | None:
    """Return by how much the VaR would fall without one part; these do not sum to the VaR."""
    series = portfolio_series(exposures, returns)
    without = [made - exposures[part] * change for made, change in zip(series, returns[part], strict=True)]
    risk, rest = deviation(series), deviation(without)
    return normal_quantile(tail) * (risk - rest) if risk is not None and rest is not None else None


def undiversified_var(
    exposures: Mapping[Part, float], returns: Mapping[Part, Sequence[float]], tail: float
) -> float | None:
    """Return the sum of each part's own VaR, as if all fell together; None below two periods."""
    quantile, total = normal_quantile(tail), 0.0
    for part, exposure in exposures.items():
        risk = deviation(returns[part])
        if risk is None:
            return None
        total += abs(exposure) * quantile * risk
    return total


def es_components(
    exposures: Mapping[Part, float],
    returns: Mapping[Part, Sequence[float]],
    tail: float,
    series: Sequence[float] | None = None,
) -> dict[Part, float] | None:
    """Split the historical expected shortfall: each part's mean loss in the worst ceil(tail x n) periods."""
    series = portfolio_series(exposures, returns) if series is None else series
    if not series:
        return None
    worst = sorted(range(len(series)), key=series.__getitem__)[: max(1, math.ceil(tail * len(series)))]
    return {
        part: -exposure * math.fsum(returns[part][index] for index in worst) / len(worst)
        for part, exposure in exposures.items()
    }
