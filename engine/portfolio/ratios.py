"""Return for risk: volatility, Sharpe, Sortino, Calmar, and measures against a benchmark.

`periods` is the number of periods in a year, from the instrument's calendar; a risk-free rate is per
period. A ratio over no risk is None, never 0 and never infinite.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from engine.portfolio.drawdown import max_drawdown
from engine.portfolio.moments import ZERO, covariance, deviation, mean
from engine.portfolio.returns import annual_return


def annual_volatility(returns: Sequence[float], periods: float) -> float | None:
    """Return the sample deviation scaled to a year."""
    found = deviation(returns)
    return None if found is None else found * math.sqrt(periods)


def sharpe(returns: Sequence[float], periods: float, risk_free: float = 0.0) -> float | None:
    """Return the mean excess return over its sample deviation, scaled to a year."""
    excess = [change - risk_free for change in returns]
    average, risk = mean(excess), deviation(excess)
    return average / risk * math.sqrt(periods) if average is not None and risk else None


def downside_risk(returns: Sequence[float], periods: float) -> float | None:
    """Return the root mean square of the losses over all periods, target 0, scaled to a year."""
    if not returns:
        return None
    squares = math.fsum(min(change, 0.0) ** 2 for change in returns)
    return math.sqrt(squares / len(returns)) * math.sqrt(periods)


def sortino(returns: Sequence[float], periods: float) -> float | None:
    """Return the yearly mean return over the downside risk."""
    average, risk = mean(returns), downside_risk(returns, periods)
    return average * periods / risk if average is not None and risk is not None and risk > ZERO else None


def calmar(returns: Sequence[float], periods: float) -> float | None:
    """Return the compound yearly return over the deepest fall."""
    growth, fall = annual_return(returns, periods), max_drawdown(returns)
    return growth / -fall.depth if growth is not None and fall is not None and fall.depth < 0 else None


def beta(returns: Sequence[float], benchmark: Sequence[float]) -> float | None:
    """Return cov(r, b) / var(b); None when the benchmark does not move."""
    shared, risk = covariance(returns, benchmark), deviation(benchmark)
    return shared / risk**2 if shared is not None and risk else None


def alpha(
    returns: Sequence[float], benchmark: Sequence[float], periods: float, risk_free: float = 0.0
) -> float | None:
    """Return the mean return that beta does not explain, compounded to a year."""
    slope = beta(returns, benchmark)
    own, market = mean(returns), mean(benchmark)
    if slope is None or own is None or market is None:
        return None
    return float((1.0 + own - risk_free - slope * (market - risk_free)) ** periods - 1.0)


def tracking_error(returns: Sequence[float], benchmark: Sequence[float], periods: float) -> float | None:
    """Return the deviation of the difference from the benchmark, scaled to a year."""
    return annual_volatility(_active(returns, benchmark), periods)


def information_ratio(returns: Sequence[float], benchmark: Sequence[float], periods: float) -> float | None:
    """Return the mean difference from the benchmark over its deviation, scaled to a year."""
    return sharpe(_active(returns, benchmark), periods)


def _active(returns: Sequence[float], benchmark: Sequence[float]) -> list[float]:
    return [own - market for own, market in zip(returns, benchmark, strict=True)]
