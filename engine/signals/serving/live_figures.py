"""The scores of what was said here, as they are shown and compared; worked out in a thread, for they take some milliseconds."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from engine.messages.signal_views import CalibrationBin, Figure
from engine.signals.registry.card import Card
from engine.signals.serving.tally import KeptOutcome
from engine.signals.statistics import intervals, losses
from engine.signals.statistics.rolling import Scores, score

MOVES_MIN: Final = 30
"""From so few outcomes on it is known how far prices move."""
_BPS: Final = 10_000


class LiveFigures(NamedTuple):
    """What the newest outcomes add up to."""

    figures: tuple[Figure, ...] = ()
    calibration: tuple[CalibrationBin, ...] = ()
    move_bps: float | None = None
    """How far the price moves over the horizon, either way; None while too little is known."""


def live_figures(outcomes: Sequence[KeptOutcome], horizon: int) -> LiveFigures:
    """Score outcomes, the oldest first."""
    if not outcomes:
        return LiveFigures()
    scores = score((each.matured(bar) for bar, each in enumerate(outcomes)), horizon)
    rows = tuple(
        CalibrationBin(row.low, row.high, row.count, row.predicted, row.observed)
        for row in scores.calibration
        if row.count
    )
    moves = [abs(each.forward_return) for each in outcomes]
    move_bps = math.fsum(moves) / len(moves) * _BPS if len(moves) >= MOVES_MIN else None
    return LiveFigures(tuple(_figures(scores, outcomes, horizon)), rows, move_bps)


def tested_figures(card: Card) -> tuple[Figure, ...]:
    """Return what the trainer measured out of sample."""
    return tuple(Figure(name, each.value, each.low, each.high) for name, each in card.metrics.items())


def _figures(scores: Scores, outcomes: Sequence[KeptOutcome], horizon: int) -> Iterator[Figure]:
    """Yield each score that is known; outcomes that overlap count once."""
    count, fresh = scores.count, scores.count / horizon
    if (rate := scores.hit_rate) is not None:
        yield Figure("hit_rate", rate.rate, rate.low, rate.high, count)
    errors = [losses.squared(each.probability, each.forward_return > 0) for each in outcomes]
    ups = sum(each.forward_return > 0 for each in outcomes) / horizon
    yield from _figure("brier", scores.brier, intervals.of_mean(errors, fresh), count)
    yield from _figure("brier_skill", scores.skill, None, count)
    yield from _figure("log_loss", scores.log_loss, None, count)
    yield from _figure("ece", scores.ece, None, count)
    auc, ic = scores.auc, scores.ic
    yield from _figure(
        "auc", auc, intervals.of_auc(auc, ups, fresh - ups) if auc is not None else None, count
    )
    yield from _figure("ic", ic, intervals.of_correlation(ic, fresh) if ic is not None else None, int(fresh))


def _figure(
    name: str, value: float | None, interval: intervals.Interval | None, count: int
) -> Iterator[Figure]:
    if value is not None:
        low, high = interval or (value, value)
        yield Figure(name, value, low, high, count)
