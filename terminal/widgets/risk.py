"""The risk pane: how much of each limit is used, and the risk numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.cells import cell_len
from textual.binding import BindingType

from engine.messages.commands import TradingState
from engine.messages.views import LimitView, MetricView, RiskView
from engine.model.text import clean
from terminal.actions.table import bindings_of
from terminal.format import NOTHING, compact, time_of_day
from terminal.strips import Run, fit
from terminal.widgets.gauge import gauge
from terminal.widgets.list_pane import ListPane

TRADING, SUMMARY, METRIC = "trading", "summary", "metric:"
"""Keys of the rows that are no limits: the state of trading, the numbers on one row, and one number."""

_LABEL_WIDTH = 19
_DENIAL_MIN = 12
"""The newest denial is not told in fewer cells: a time alone says nothing."""
_SUMMARY = {"var_ewma": "VaR 1d", "expected_shortfall": "ES", "annual_volatility": "vol", "beta": "beta"}
"""The numbers of the one-row summary, and what it calls them; at 99 %, in the base currency."""
_STATE_ROLES = {
    TradingState.ACTIVE: "ok+b",
    TradingState.REDUCING: "warn+b",
    TradingState.HALTED: "on_loud+b/breach",
}


def amount(value: float, unit: str) -> str:
    """Write a limit's number by its unit: money short, counts whole, shares in percent."""
    if unit == "money":
        return compact(value)
    if unit == "percent":
        return f"{value:.1f}%"
    if unit == "count":
        return f"{value:,.0f}"
    return compact(value)


class Risk(ListPane[str]):
    """Shows gauges, fullest first, then the state of trading; the numbers follow, and the gauges that found no room."""

    reads: ClassVar[frozenset[str]] = frozenset({"risk"})
    headed: ClassVar[bool] = False
    BINDINGS: ClassVar[list[BindingType]] = bindings_of("risk")

    def keys(self) -> Sequence[str]:
        """Return the limits that fit above the state of trading, in their order, then everything else."""
        risk = self.desk.risk
        if risk is None:
            return ()
        self.caption(
            f"{risk.breaches} breach{'es' if risk.breaches != 1 else ''}"
            if risk.breaches
            else "within limits"
        )
        summary = [SUMMARY] if self._summary(risk) else []
        fullest = sorted(risk.limits, key=lambda limit: -limit.fraction)
        above = fullest[: max(0, self.size.height - 1 - len(summary))]
        limits = [limit.rule for limit in risk.limits if limit in above]
        rest = [limit.rule for limit in risk.limits if limit not in above]
        return [*limits, *summary, TRADING, *rest, *(f"{METRIC}{metric.name}" for metric in risk.metrics)]

    def empty(self) -> str:
        """Return what is waited for."""
        return "Waiting for the risk room"

    def row(self, key: str, *, selected: bool) -> Sequence[Run]:
        """Return one limit's line, the state of trading, or a number."""
        risk = self.desk.risk
        assert risk is not None
        (text, role), *runs = self._runs(key, risk)
        return [("▎", "accent"), (text[1:], role), *runs] if selected else [(text, role), *runs]

    def _runs(self, key: str, risk: RiskView) -> list[Run]:
        if key == TRADING:
            return self._state(risk)
        if key == SUMMARY:
            return self._summary(risk)
        if key.startswith(METRIC):
            name = key.removeprefix(METRIC)
            return self._metric(next(metric for metric in risk.metrics if metric.name == name))
        return self._limit(next(limit for limit in risk.limits if limit.rule == key))

    def _summary(self, risk: RiskView) -> list[Run]:
        """Return the risk numbers that matter most, on one row; the others follow where there is room."""
        known = {metric.name: metric for metric in risk.metrics if metric.value is not None}
        runs: list[Run] = []
        has_gauge = any(limit.rule == "var" for limit in risk.limits)
        for name, label in _SUMMARY.items():
            if name in known and not (name == "var_ewma" and has_gauge):
                runs += [(f" {label} ", "muted"), (f"{_short(known[name])} ", "text")]
        return runs

    def _limit(self, limit: LimitView) -> list[Run]:
        fraction = limit.fraction
        breached, warned = fraction > 1, fraction >= limit.warn_fraction
        role = "breach" if breached else "warn" if warned else "up"
        mark: Run = (
            (" ! ", "on_loud+b/breach") if breached else (" ▴ ", "warn+b") if warned else (" ✓ ", "ok")
        )
        numbers = f"{amount(limit.used, limit.unit)} / {amount(limit.limit, limit.unit)}"
        width = max(4, self.size.width - 3 - _LABEL_WIDTH - 16 - 7)
        text = "breach+b" if breached else "text"
        return [
            mark,
            (fit(limit.label, _LABEL_WIDTH), text),
            (fit(numbers, 15, right=True) + " ", text if breached else "muted"),
            *gauge(min(fraction, 1.0), width, role),
            (f"{min(fraction, 9.99) * 100:5.0f}%", role),
        ]

    def _state(self, risk: RiskView) -> list[Run]:
        runs: list[Run] = [
            (" trading ", "muted"),
            (f" {risk.state.value.upper()} ", _STATE_ROLES[risk.state]),
        ]
        if risk.state is not TradingState.ACTIVE:
            runs.append((f" {risk.state_reason}", "warn"))
        for letter, names in (
            ("H", (*risk.halted_symbols, *risk.halted_strategies)),
            ("R", (*risk.reducing_symbols, *risk.reducing_strategies)),
        ):
            if names:
                runs.append((f"  {letter} {' '.join(clean(name, 20) for name in names)}", "warn+b"))
        if risk.last_denial:
            when = f"  denied {time_of_day(risk.last_denial_ns, self.desk.zone)} "
            room = self.size.width - sum(cell_len(text) for text, _ in runs) - len(when)
            if room >= _DENIAL_MIN:
                runs += [(when, "muted"), (fit(risk.last_denial, room), "down")]
        return runs

    def _metric(self, metric: MetricView) -> list[Run]:
        return [("   ", "text"), (fit(metric.label, _LABEL_WIDTH + 4), "muted"), (number(metric), "text")]


def _short(metric: MetricView) -> str:
    value = metric.value or 0.0
    if metric.unit == "money":
        return compact(value)
    return f"{value:.1f}%" if metric.unit == "percent" else f"{value:.2f}"


def number(metric: MetricView) -> str:
    """Write a risk number by its unit; a dash where it is not defined."""
    if metric.value is None:
        return NOTHING
    if metric.unit == "money":
        return f"{metric.value:,.0f}"
    if metric.unit == "percent":
        return f"{_unsigned_zero(metric.value):.2f}%"
    return f"{_unsigned_zero(metric.value):.2f}"


def _unsigned_zero(value: float) -> float:
    """Return a value that is not written as -0.00."""
    return 0.0 if round(value, 2) == 0 else value
