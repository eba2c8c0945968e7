"""Works out every metric of the reference vectors with the portfolio room's own functions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from engine.model.instrument import Symbol
from engine.model.trade import Side
from engine.portfolio import (
    contributions,
    drawdown,
    ewma,
    moments,
    monte_carlo,
    ratios,
    returns,
    tca,
    value_at_risk,
    var_backtest,
)

Case = Mapping[str, Any]
Metric = Mapping[str, Any]


def _fall(case: Case) -> drawdown.Drawdown | None:
    return drawdown.max_drawdown(case["returns"])


def _where(case: Case) -> dict[str, int | None] | None:
    fall = _fall(case)
    if fall is None:
        return None
    return {
        "peak_index": fall.peak_index,
        "trough_index": fall.trough_index,
        "recovery_index": fall.recovery_index,
    }


def _depth(case: Case) -> float | None:
    fall = _fall(case)
    return None if fall is None else fall.depth


def _seed(case: Case) -> float | None:
    found = case.get("metrics", {}).get("ewma_vol_next_arch", {}).get("seed_var")
    return None if found is None else float(found)


def _rf_sharpe(case: Case) -> float | None:
    risk_free = case.get("metrics", {}).get("sharpe_rf", {}).get("rf_per_period", 0.0001)
    return ratios.sharpe(case["returns"], _periods(case), risk_free)


def _periods(case: Case) -> float:
    return float(case.get("periods_per_year", 252))


def _of_returns(function: Callable[[Sequence[float]], object]) -> Callable[[Case], object]:
    return lambda case: function(case["returns"])


def _of_year(function: Callable[[Sequence[float], float], object]) -> Callable[[Case], object]:
    return lambda case: function(case["returns"], _periods(case))


def _of_tail(function: Callable[[Sequence[float], float], object], tail: float) -> Callable[[Case], object]:
    return lambda case: function(case["returns"], tail)


RETURN_SERIES: dict[str, Callable[[Case], object]] = {
    "ann_return_cagr": _of_year(returns.annual_return),
    "total_return": _of_returns(returns.total_return),
    "ann_vol": _of_year(ratios.annual_volatility),
    "sharpe": _of_year(ratios.sharpe),
    "sharpe_rf": _rf_sharpe,
    "sortino": _of_year(ratios.sortino),
    "downside_risk_ann": _of_year(ratios.downside_risk),
    "max_drawdown": _depth,
    "max_drawdown_where": _where,
    "calmar": _of_year(ratios.calmar),
    "skew": _of_returns(moments.skew),
    "excess_kurtosis": _of_returns(moments.excess_kurtosis),
    "var95_hist_linear": _of_tail(value_at_risk.historical_var, 0.05),
    "var95_hist_lower": _of_tail(value_at_risk.historical_var_lower, 0.05),
    "es95_hist_rockafellar": _of_tail(value_at_risk.historical_es_rockafellar, 0.05),
    "es95_hist_tailmean": _of_tail(value_at_risk.historical_es, 0.05),
    "es95_empyrical": _of_tail(value_at_risk.historical_es, 0.05),
    "var95_param_normal": _of_tail(value_at_risk.normal_var, 0.05),
    "var99_param_normal": _of_tail(value_at_risk.normal_var, 0.01),
    "es95_param_normal": _of_tail(value_at_risk.normal_es, 0.05),
    "var95_modified_cf": _of_tail(value_at_risk.cornish_fisher_var, 0.05),
    "ewma_vol_next_arch": lambda case: ewma.ewma_volatility(case["returns"], _seed(case)),
    "ewma_vol_next_seed_r0": _of_returns(ewma.ewma_volatility),
    "fhs_var95_next": lambda case: value_at_risk.filtered_historical_var(case["returns"], 0.05, _seed(case)),
    "ewma_var95_next": lambda case: value_at_risk.ewma_var(case["returns"], 0.05, _seed(case)),
}

AGAINST_BENCHMARK: dict[str, Callable[[Case], object]] = {
    "beta": lambda case: ratios.beta(case["returns"], case["benchmark_returns"]),
    "alpha_ann": lambda case: ratios.alpha(case["returns"], case["benchmark_returns"], _periods(case)),
    "correlation": lambda case: moments.correlation(case["returns"], case["benchmark_returns"]),
    "tracking_error_ann": lambda case: ratios.tracking_error(
        case["returns"], case["benchmark_returns"], _periods(case)
    ),
    "information_ratio_ann": lambda case: ratios.information_ratio(
        case["returns"], case["benchmark_returns"], _periods(case)
    ),
}


def _weights(case: Case) -> dict[Symbol, float]:
    return dict(zip(map(Symbol, case["assets"]), case["weights"], strict=True))


def _money(case: Case) -> dict[Symbol, float]:
    return {symbol: weight * case["portfolio_value"] for symbol, weight in _weights(case).items()}


def _split(case: Case, field: str) -> dict[Symbol, float]:
    found = contributions.contributions(_money(case), case["returns"], 0.05)
    assert found is not None
    return {symbol: getattr(part, field) for symbol, part in found.items()}


PORTFOLIO: dict[str, Callable[[Case], object]] = {
    "portfolio_sigma": lambda case: moments.deviation(
        contributions.portfolio_series(_weights(case), case["returns"])
    ),
    "portfolio_var95": lambda case: sum(_split(case, "component").values()),
    "marginal_var": lambda case: _split(case, "marginal"),
    "component_var": lambda case: _split(case, "component"),
    "component_share": lambda case: _split(case, "share"),
    "incremental_var": lambda case: {
        symbol: contributions.incremental_var(_money(case), case["returns"], 0.05, symbol)
        for symbol in _money(case)
    },
    "undiversified_var95": lambda case: contributions.undiversified_var(_money(case), case["returns"], 0.05),
    "hist_var95_lower": lambda case: value_at_risk.historical_var_lower(
        contributions.portfolio_series(_money(case), case["returns"]), 0.05
    ),
    "hist_es95_tailmean_component": lambda case: contributions.es_components(
        _money(case), case["returns"], 0.05
    ),
    "mc_var95_normal": lambda case: monte_carlo.monte_carlo_var(_money(case), case["returns"], 0.05),
}


def _hits(case: Case) -> list[bool]:
    return [mark == "1" for mark in case["hits"]]


def _chance(statistic: float | None, degrees: int) -> float | None:
    return None if statistic is None else var_backtest.chi_squared_tail(statistic, degrees)


VAR_BACKTEST: dict[str, Callable[[Case], object]] = {
    "exceptions": lambda case: sum(_hits(case)),
    "kupiec_lr": lambda case: var_backtest.kupiec(_hits(case), case["p"]),
    "kupiec_p": lambda case: _chance(var_backtest.kupiec(_hits(case), case["p"]), 1),
    "transitions": lambda case: list(var_backtest.transitions(_hits(case))),
    "christoffersen_ind_lr": lambda case: var_backtest.independence(_hits(case)),
    "christoffersen_ind_p": lambda case: _chance(var_backtest.independence(_hits(case)), 1),
    "christoffersen_cc_lr": lambda case: var_backtest.conditional_coverage(_hits(case), case["p"]),
    "christoffersen_cc_p": lambda case: _chance(var_backtest.conditional_coverage(_hits(case), case["p"]), 2),
}


def _execution(case: Case) -> tca.Execution:
    return tca.Execution(
        side=Side[case["side"]],
        quantity=Fraction(case["order_qty"]),
        decision=Fraction(case["decision_price"]),
        arrival=Fraction(case["arrival_price"]),
        fills=[(Fraction(quantity), Fraction(price)) for quantity, price in case["fills"]],
        close=Fraction(case["close"]),
        fees=Fraction(case["fees"]),
    )


TCA: dict[str, Callable[[Case], object]] = {
    "avg_fill_price": lambda case: _execution(case).average_price,
    "slippage_arrival_bps": lambda case: _execution(case).slippage_bps(Fraction(case["arrival_price"])),
    "slippage_vwap_bps": lambda case: _execution(case).slippage_bps(Fraction(case["interval_vwap"])),
    "delay_cost": lambda case: _execution(case).delay_cost,
    "trading_cost": lambda case: _execution(case).trading_cost,
    "opportunity_cost": lambda case: _execution(case).opportunity_cost,
    "fees": lambda case: _execution(case).fees,
    "implementation_shortfall": lambda case: _execution(case).shortfall,
    "implementation_shortfall_bps": lambda case: _execution(case).shortfall_bps,
}

METRICS = {
    "return_series": RETURN_SERIES | AGAINST_BENCHMARK,
    "portfolio": PORTFOLIO,
    "var_backtest": VAR_BACKTEST,
    "tca": TCA,
}
