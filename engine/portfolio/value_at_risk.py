"""Value at risk and expected shortfall of one period; a loss is a positive number.

`tail` is the share of periods expected to be worse: 0.05 for 95 %, 0.01 for 99 %.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import NormalDist

from engine.portfolio.ewma import ewma_path, ewma_volatility
from engine.portfolio.moments import deviation, excess_kurtosis, mean, skew

_NORMAL = NormalDist()


def normal_quantile(tail: float) -> float:
    """Return how many deviations below the mean the tail begins; positive below one half."""
    return -_NORMAL.inv_cdf(tail)


def percentile(values: Sequence[float], share: float) -> float | None:
    """Return the linearly interpolated percentile (Hyndman and Fan's type 7); None of nothing."""
    if not values:
        return None
    ordered = sorted(values)
    position = share * (len(ordered) - 1)
    below = math.floor(position)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (position - below)


def historical_var(returns: Sequence[float], tail: float) -> float | None:
    """Return the interpolated percentile of what happened: the headline number."""
    found = percentile(returns, tail)
    return None if found is None else -found


def historical_var_lower(returns: Sequence[float], tail: float) -> float | None:
    """Return the order statistic ceil(tail x n), with no interpolation: a loss that did happen."""
    return -sorted(returns)[_tail_count(returns, tail) - 1] if returns else None


def historical_es(returns: Sequence[float], tail: float) -> float | None:
    """Return the mean of the returns at or below the interpolated percentile."""
    bound = percentile(returns, tail)
    if bound is None:
        return None
    worst = [change for change in returns if change <= bound]
    return -math.fsum(worst) / len(worst) if worst else None


def historical_es_rockafellar(returns: Sequence[float], tail: float) -> float | None:
    """Return Rockafellar and Uryasev's coherent form: VaR + sum(max(-r - VaR, 0)) / (tail x n)."""
    bound = historical_var_lower(returns, tail)
    if bound is None:
        return None
    beyond = math.fsum(max(-change - bound, 0.0) for change in returns)
    return bound + beyond / (tail * len(returns))


def normal_var(returns: Sequence[float], tail: float) -> float | None:
    """Return -(mean + deviation x Phi^-1(tail)); the mean is kept."""
    centre, risk = mean(returns), deviation(returns)
    return normal_quantile(tail) * risk - centre if centre is not None and risk is not None else None


def normal_es(returns: Sequence[float], tail: float) -> float | None:
    """Return -mean + deviation x phi(z) / tail."""
    centre, risk = mean(returns), deviation(returns)
    return risk * normal_es_factor(tail) - centre if centre is not None and risk is not None else None


def normal_es_factor(tail: float) -> float:
    """Return the expected shortfall of a standard normal."""
    return _NORMAL.pdf(normal_quantile(tail)) / tail


def cornish_fisher_var(returns: Sequence[float], tail: float) -> float | None:
    """Return the normal VaR with its quantile corrected for skew and fat tails."""
    centre, risk, lean, fat = mean(returns), deviation(returns), skew(returns), excess_kurtosis(returns)
    if centre is None or risk is None or lean is None or fat is None:
        return None
    z = _NORMAL.inv_cdf(tail)
    corrected = (
        z
        + (z**2 - 1.0) * lean / 6.0
        + (z**3 - 3.0 * z) * fat / 24.0
        - (2.0 * z**3 - 5.0 * z) * lean**2 / 36.0
    )
    return -(centre + risk * corrected)


def ewma_var(returns: Sequence[float], tail: float, seed: float | None = None) -> float | None:
    """Return the quantile times the deviation expected of the next period, zero mean."""
    risk = ewma_volatility(returns, seed)
    return None if risk is None else normal_quantile(tail) * risk


def filtered_historical_var(returns: Sequence[float], tail: float, seed: float | None = None) -> float | None:
    """Return the percentile of past surprises scaled to the volatility expected next."""
    path = ewma_path(returns, seed)
    if not path or min(path) <= 0.0:
        return None
    scaled = [change / risk * path[-1] for change, risk in zip(returns, path, strict=False)]
    return historical_var(scaled, tail)


def _tail_count(returns: Sequence[float], tail: float) -> int:
    return max(1, math.ceil(tail * len(returns)))
