"""How models do here as numbers; `docs/metrics.md` explains them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from engine.messages.signal_views import ModelView, SignalsView
from engine.observe.told import Points, Told

LEVELS: Final = ("ok", "watch", "alarm", "quarantine")
"""A level's number is its place here."""
_OF: Final = ("model", "version")


def _each(number_of: Callable[[ModelView], float | None]) -> Callable[[SignalsView], Points]:
    """Return what reads a number of each version that has one."""

    def read(view: SignalsView) -> Points:
        for each in view.models:
            number = number_of(each)
            if number is not None:
                yield (each.model, each.version), number

    return read


def _figure(name: str) -> Callable[[SignalsView], Points]:
    return _each(lambda each: next((figure.value for figure in each.live if figure.name == name), None))


def _drift(view: SignalsView) -> Points:
    for each in view.models:
        for of, level in (("data", each.drift_data), ("performance", each.drift_errors)):
            yield (each.model, each.version, of), LEVELS.index(level) if level in LEVELS else 0


SIGNAL_METRICS: tuple[Told[SignalsView], ...] = (
    Told(
        "touchline_signal_champion",
        "gauge",
        "1 for the version whose predictions count, 0 for one in its shadow.",
        _OF,
        _each(lambda each: each.stage == "champion"),
    ),
    Told(
        "touchline_signal_failing",
        "gauge",
        "1 for a version that does not predict, or is not the one that the registry has.",
        _OF,
        _each(lambda each: bool(each.failure)),
    ),
    Told(
        "touchline_signal_matured_total",
        "counter",
        "Predictions that met their outcome.",
        _OF,
        _each(lambda each: each.matured),
    ),
    Told(
        "touchline_signal_coverage_ratio",
        "gauge",
        "The share of bars at which something was said.",
        _OF,
        _each(lambda each: each.coverage),
    ),
    Told(
        "touchline_signal_hit_ratio",
        "gauge",
        "How often the direction was right, of the newest outcomes.",
        _OF,
        _figure("hit_rate"),
    ),
    Told(
        "touchline_signal_brier_skill",
        "gauge",
        "How much smaller errors are than those of who knows the base rate only; below 0: larger.",
        _OF,
        _figure("brier_skill"),
    ),
    Told(
        "touchline_signal_pnl_bps",
        "gauge",
        "What going its way brought, after cost, of one unit each time.",
        _OF,
        _each(lambda each: each.pnl_bps),
    ),
    Told(
        "touchline_signal_slippage_bps",
        "gauge",
        "How much worse fills of its orders were than the prices of its signals.",
        _OF,
        _each(lambda each: each.money.slippage_bps if each.money.fills else None),
    ),
    Told(
        "touchline_signal_drift_level",
        "gauge",
        "How far rows or errors are from training: 0 ok, 1 watch, 2 alarm, 3 quarantine.",
        (*_OF, "of"),
        _drift,
    ),
    Told(
        "touchline_signal_demoted",
        "gauge",
        "1 for a version that this desk put into shadow.",
        _OF,
        _each(lambda each: bool(each.demoted)),
    ),
)
