"""Whose risk it is, by position, and whether VaR was right about it.

Positions and bars are those of `risk_numbers`: what is held now, over the recent bars, each bar at a day's size.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from engine.messages.risk_views import RiskPartView, RiskSplitView, VarCheckView
from engine.model.instrument import Symbol
from engine.portfolio.contributions import Contribution, contributions, es_components
from engine.portfolio.ewma import ewma_path
from engine.portfolio.moments import deviation
from engine.portfolio.value_at_risk import normal_quantile
from engine.portfolio.var_backtest import chi_squared_tail, independence, kupiec

WARM_UP = 30
"""Bars before the EWMA is believed."""
_TESTED_MIN = 100
"""With fewer bars, one loss beyond a VaR of 99 % proves nothing."""

Money = Mapping[Symbol, float]
Returns = Mapping[Symbol, Sequence[float]]


def split(exposures: Money, returns: Returns, total: Sequence[float], tail: float) -> RiskSplitView | None:
    """Return the parts of the risk; None when what is held does not move.

    `exposures` are money in base, `returns` one series a position, `total` the money all made in each bar.
    """
    shares = contributions(exposures, returns, tail, total)
    in_tail = es_components(exposures, returns, tail, total)
    if shares is None or in_tail is None:
        return None
    parts = [_part(symbol, exposures, returns, tail, shares[symbol], in_tail[symbol]) for symbol in exposures]
    return RiskSplitView(
        tuple(sorted(parts, key=lambda part: -part.component)),
        math.fsum(part.component for part in parts),
        math.fsum(in_tail.values()),
        len(total),
        check(total, tail),
    )


def check(total: Sequence[float], tail: float) -> VarCheckView | None:
    """Compare each bar's loss with the EWMA VaR said before it; None with too few bars."""
    path = ewma_path(total)[WARM_UP:-1]
    if len(path) < _TESTED_MIN:
        return None
    quantile = normal_quantile(tail)
    hits = [-made > quantile * risk for made, risk in zip(total[WARM_UP:], path, strict=True)]
    number, order = kupiec(hits, tail), independence(hits)
    assert number is not None, "there are bars"
    assert order is not None, "there are pairs of bars"
    return VarCheckView(
        len(hits),
        sum(hits),
        tail * len(hits),
        chi_squared_tail(number, 1),
        chi_squared_tail(max(0.0, order), 1),
    )


def _part(
    symbol: Symbol, exposures: Money, returns: Returns, tail: float, share: Contribution, in_tail: float
) -> RiskPartView:
    risk = deviation(returns[symbol]) or 0.0
    alone = normal_quantile(tail) * risk * abs(exposures[symbol])
    return RiskPartView(symbol, exposures[symbol], alone, share.component, share.share, in_tail)
