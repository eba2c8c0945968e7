"""How all models are, in the words of a health row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from engine.messages.health_views import HealthState
from engine.messages.signal_views import ModelView, SignalsView
from engine.signals.serving.model_serving import ModelServing

_P99: Final = 0.99
_US: Final = 1_000
_STEP_NS: Final = 50_000
"""Times are told in steps, since their digits never rest."""
_TOLD_MAX: Final = 2
"""So many things that are wrong are told in the row; the others in the pane."""


class SignalsReading(NamedTuple):
    """A row: its state, value, detail and number."""

    state: HealthState
    value: str
    detail: str
    number: float
    """How long 99 of 100 bars took at most, with features and every version, in microseconds and steps of 50."""


def reading(models: tuple[ModelServing, ...], view: SignalsView, failures: Iterable[str]) -> SignalsReading:
    """Return how they are; `failures` are those that are no single model's, empty ones among them."""
    took_us = _p99_us(models)
    count = len(view.models)
    if view.registry:
        return SignalsReading(HealthState.DOWN, "no models", view.registry, took_us)
    wrong = [*_wrong(models, view), *filter(None, failures)]
    value = f"{count} predict" if count != 1 else "1 predicts"
    if not wrong:
        return SignalsReading(HealthState.OK, value, f"≤ {took_us:,.0f} us a bar p99", took_us)
    more = f" (and {len(wrong) - _TOLD_MAX} more)" if len(wrong) > _TOLD_MAX else ""
    state = HealthState.DEGRADED if count else HealthState.DOWN
    return SignalsReading(state, value, "; ".join(wrong[:_TOLD_MAX]) + more, took_us)


def _wrong(models: tuple[ModelServing, ...], view: SignalsView) -> Iterator[str]:
    """Yield what is not as it should be, model by model."""
    for model in models:
        name = model.table.model
        if model.fault:
            yield f"{name}: {model.fault}"
        if not model.champion and model.had_champion:
            yield f"{name} has no champion any more"
        elif not model.versions and not model.failure:
            yield f"{name} has no version in shadow yet"
        if model.failure:
            yield f"{name}: {model.failure}"
    for each in view.models:
        if each.stage == "champion" and (why := _trouble(each)):
            yield f"{each.model} {each.version[:8]}: {why}"


def _trouble(champion: ModelView) -> str:
    if {champion.drift_data, champion.drift_errors} & {"alarm", "quarantine"}:
        return f"drift: {' '.join(champion.drift_reasons[:1])}"
    return champion.failure


def _p99_us(models: tuple[ModelServing, ...]) -> float:
    took = sorted(ns for model in models for ns in model.took_ns)
    return -(-took[int(_P99 * (len(took) - 1))] // _STEP_NS) * _STEP_NS / _US if took else 0.0
