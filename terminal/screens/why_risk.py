"""What a row of the risk pane means: the limit, how much of it is used, where it is set, what it does."""

from __future__ import annotations

from engine.messages.views import LimitView, MetricView, RiskView
from terminal.desk import Desk
from terminal.format import time_of_day
from terminal.orderline.strategies import strategy_word
from terminal.widgets.risk import METRIC, SUMMARY, TRADING, amount, number

Page = tuple[str, list[str]]
"""A title and lines."""

_WORST = "working orders, and orders whose fate is unknown, count as filled"
_REDUCES = "refuses what would go beyond it; an order that only makes a position smaller passes"

LIMITS: dict[str, tuple[str, str, str]] = {
    "gross_exposure": ("[account] gross_max_ratio", "all positions, long and short, added up; " + _WORST, _REDUCES),
    "net_exposure": ("[account] net_max_ratio", "all long less all short; " + _WORST, _REDUCES),
    "day_loss": (
        "[account] day_loss_soft_percent and day_loss_hard_percent",
        "what the account lost since its trading day began: [account] calendar in config.toml",
        "beyond the soft limit only orders that reduce pass; beyond the hard one no new risk is taken that day",
    ),
    "drawdown": (
        "[account] drawdown_hard_percent",
        "the loss from the account's highest equity",
        "beyond it only orders that reduce pass",
    ),
    "position_notional": (
        "position_notional_max in [symbol], [asset_class] or [default], the narrowest that says it",
        "the worth of the position that is nearest to its limit; " + _WORST,
        _REDUCES,
    ),
    "position_limit": (
        "position_size_max in [symbol], [asset_class] or [default], the narrowest that says it",
        "the size of the position that is nearest to its limit; " + _WORST,
        _REDUCES,
    ),
    "concentration": (
        "[account] concentration_max_percent",
        "the largest share of equity that one symbol has; " + _WORST,
        _REDUCES,
    ),
    "order_rate": (
        "[account] order_rate_per_s and order_burst",
        "new orders of the last second",
        "refuses orders that come faster, and never queues them; cancels are not limited",
    ),
    "open_orders": (
        "[account] open_orders_max",
        "orders that may still trade, in all symbols together",
        "refuses one more; cancels and exits are not held up",
    ),
}  # fmt: skip
"""Of each limit: the key of limits.toml, what is counted, and what the limit does."""

METRICS = {
    "annual_volatility": "how much the account's worth spreads in a year, as a share of equity, from minute returns",
    "var_normal": "what one day loses at most in 99 of 100, if returns are normal",
    "var_ewma": "the same with recent minutes weighing more (EWMA)",
    "var_historical": "the same from what the held positions would have made, sorted, with no shape assumed",
    "expected_shortfall": "what the worst day of a hundred loses on average",
    "beta": "by how much of its equity the account moves when the benchmark moves by as much",
    "largest_component": "the position that takes the largest part of the value at risk",
    "drawdown": "how far equity is below its highest, in percent of that",
}
"""What each number is."""


def why_risk(key: str, desk: Desk) -> Page | None:
    """Explain one row of the risk pane; None while there is nothing to explain."""
    risk = desk.risk
    if risk is None:
        return None
    if key == TRADING:
        return "trading", _trading(risk, desk)
    if key == SUMMARY:
        lines = [line for metric in risk.metrics if metric.value is not None for line in _metric(metric)]
        return "risk numbers", [*lines, "", "v shows whose risk it is, and whether the numbers were right"]
    if key.startswith(METRIC):
        metric = next((m for m in risk.metrics if m.name == key.removeprefix(METRIC)), None)
        return (metric.label, _metric(metric)) if metric else None
    limit = next((limit for limit in risk.limits if limit.rule == key), None)
    return (limit.label, _limit(limit, risk, desk)) if limit else None


def _limit(limit: LimitView, risk: RiskView, desk: Desk) -> list[str]:
    where, counted, does = LIMITS.get(limit.rule, ("limits.toml", "", ""))
    used, most = amount(limit.used, limit.unit), amount(limit.limit, limit.unit)
    state = (
        "BREACHED"
        if limit.used > limit.limit
        else "near"
        if limit.fraction >= limit.warn_fraction
        else "kept"
    )
    lines = [
        f"limit     {most}, {limit.rule}",
        f"used      {used}, {limit.fraction:.0%} of it: {state}; a warning begins at {limit.warn_fraction:.0%}",
        f"counted   {counted}",
        f"does      {does}",
        f"set in    limits.toml: {where}",
        f"in force  {risk.limits_source}; typing limits reads the file again",
    ]
    if desk.account is not None and limit.unit == "money" and not limit.rule.startswith("position"):
        lines.append("a ratio or a percentage there is of equity: the limit moves with it")
    return lines


def _metric(metric: MetricView) -> list[str]:
    lines = [f"{metric.label:18} {number(metric)}", f"{'':18} {METRICS.get(metric.name, '')}"]
    if metric.value is None:
        lines.append(f"{'':18} not defined yet: a position's history is too short, or nothing is held")
    return lines


def _trading(risk: RiskView, desk: Desk) -> list[str]:
    lines = [f"state     {risk.state.value}{': ' + risk.state_reason if risk.state_reason else ''}"]
    for word, symbols, strategies in (
        ("halted", risk.halted_symbols, risk.halted_strategies),
        ("reducing", risk.reducing_symbols, risk.reducing_strategies),
    ):
        names = [*symbols, *(strategy_word(name) for name in strategies)]
        lines += [f"{word:9} {name}; resume {name} lifts it" for name in names]
    if risk.last_denial:
        when = time_of_day(risk.last_denial_ns, desk.zone)
        lines += [
            f"denied    {when} {risk.last_denial}",
            "          w on the order in Orders has every reason",
        ]
    return [
        *lines,
        f"limits    {risk.limits_source}",
        "          F8 halts, F9 lets only exits through, resume lifts both",
    ]
