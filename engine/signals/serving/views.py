"""What serving shows: copies, made only where something may have changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from engine.messages.signal_views import ModelView, SignalView
from engine.model.instrument import Symbol
from engine.model.text import clean
from engine.signals.models.refusal import NoPrediction
from engine.signals.registry.stages import Stage
from engine.signals.serving.live_figures import tested_figures
from engine.signals.serving.model_serving import ModelServing
from engine.signals.serving.money import Worth
from engine.signals.serving.served_version import Said, ServedVersion

CONTRIBUTIONS_MAX: Final = 3
REASONS_MAX: Final = 6
_WHY_LENGTH_MAX: Final = 200
_BPS: Final = 10_000
SpreadOf = Callable[[Symbol], float]
"""Returns the spread of a symbol in basis points; 0 where there is none."""


def signal_views(serving: ModelServing, spread_of: SpreadOf) -> Iterator[SignalView]:
    """Yield what each version says of each symbol, the champion first, then by symbol."""
    for version in serving.versions.values():
        for symbol in sorted(version.said):
            yield signal_view(serving, version, symbol, spread_of)


def signal_view(
    serving: ModelServing, version: ServedVersion, symbol: Symbol, spread_of: SpreadOf
) -> SignalView:
    """Return what a version says of a symbol, as it was when it was shown first; what moved it is told of the champion alone."""
    said, is_champion = version.said[symbol], version.version == serving.champion
    known = version.shown.get(symbol)
    if known is None or known[0] is not said or (known[1].stage == Stage.CHAMPION) is not is_champion:
        known = version.shown[symbol] = said, _signal_view(serving, version, said, symbol, spread_of)
    return known[1]


def _signal_view(  # what is said, of what, by whom, and where its price is seen
    serving: ModelServing, version: ServedVersion, said: Said, symbol: Symbol, spread_of: SpreadOf
) -> SignalView:
    is_champion = version.version == serving.champion
    told = said.probability if not said.why else None
    return SignalView(
        symbol=symbol,
        model=serving.table.model,
        version=version.version,
        stage=serving.stage_of(version.version),
        bar_end_ns=said.end_ns,
        probability=told,
        edge_bps=_edge_bps(version, told, spread_of(symbol)) if told is not None else None,
        abstained=clean(said.why, _WHY_LENGTH_MAX),
        contributions=_contributions(version, said) if is_champion and told is not None else (),
        price=said.price,
    )


def model_views(serving: ModelServing, worth: Worth) -> Iterator[ModelView]:
    """Yield how each version does here, the champion first."""
    for version in serving.versions.values():
        yield _model_view(serving, version, worth)


def _model_view(serving: ModelServing, version: ServedVersion, worth: Worth) -> ModelView:
    tally, data, errors = version.tally, version.data(), version.performance()
    is_champion = version.version == serving.champion
    return ModelView(
        model=serving.table.model,
        version=version.version,
        stage=serving.stage_of(version.version),
        feature_set=serving.feature_set.name,
        interval_ns=serving.interval_ns,
        horizon_bars=version.card.horizon_bars,
        cost_bps=version.card.cost_bps,
        failure=version.failure or serving.fault or (serving.failure if is_champion else ""),
        live=version.figures.figures,
        tested=tested_figures(version.card),
        calibration=version.figures.calibration,
        matured=tally.matured,
        waiting=sum(course.waiting_count for course in version.courses.values()),
        coverage=tally.said / tally.bars if tally.bars else None,
        drift_data=data.level.name.lower(),
        drift_errors=errors.level.name.lower(),
        drift_reasons=(*data.reasons, *errors.reasons)[:REASONS_MAX],
        pnl_bps=tally.pnl_bps,
        money=tally.money.view(worth),
        p99_us=version.loaded.p99_us,
    )


def _edge_bps(version: ServedVersion, probability: float, spread_bps: float) -> float | None:
    """Return how far prices move over the horizon, by how much likelier one way is, less what a round trip costs.

    It takes the probability at its word; calibration says how far that goes.
    """
    move_bps = version.figures.move_bps
    if move_bps is None:
        return None
    return (2 * max(probability, 1 - probability) - 1) * move_bps - max(version.card.cost_bps, spread_bps)


def _contributions(version: ServedVersion, said: Said) -> tuple[tuple[str, float], ...]:
    """Return what moved the score most."""
    model = version.loaded.model
    try:
        found = zip(model.features, model.explain(said.row).contributions, strict=True)
    except NoPrediction:
        return ()
    return tuple(sorted(found, key=lambda each: -abs(each[1]))[:CONTRIBUTIONS_MAX])
