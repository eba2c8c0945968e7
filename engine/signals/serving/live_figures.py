"""The scores of what was said here, as they are shown and compared; worked out in a thread, for they take some milliseconds."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final, NamedTuple

from engine.messages.signal_views import CalibrationBin, Figure
from engine.signals.registry.card import Card
from engine.signals.serving.tally import KeptOutcome
from engine.signals.statistics.hit_rate import Z_95
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
    return LiveFigures(tuple(_figures(scores, horizon)), rows, move_bps)


def tested_figures(card: Card) -> tuple[Figure, ...]:
    """Return what the trainer measured out of sample."""
    return tuple(Figure(name, each.value, each.low, each.high) for name, each in card.metrics.items())


def _figures(scores: Scores, horizon: int) -> list[Figure]:
    """Return each score that is known, with its interval where it has one."""
    count, fresh = scores.count, max(1, scores.count // horizon)
    found = []
    if (rate := scores.hit_rate) is not None:
        found.append(Figure("hit_rate", rate.rate, rate.low, rate.high, count))
    found += [
        Figure(name, value, value, value, count)
        for name, value in (
            ("brier", scores.brier),
            ("brier_skill", scores.skill),
            ("log_loss", scores.log_loss),
            ("ece", scores.ece),
            ("auc", scores.auc),
        )
        if value is not None
    ]
    if (ic := scores.ic) is not None:
        low, high = _correlation_interval(ic, fresh)
        found.append(Figure("ic", ic, low, high, fresh))
    return found


def _correlation_interval(correlation: float, count: int) -> tuple[float, float]:
    """Return the interval of a correlation of so many fresh outcomes, by Fisher's z (Fisher 1915)."""
    if count <= 3 or abs(correlation) >= 1:
        return -1.0, 1.0
    middle, half = math.atanh(correlation), Z_95 / math.sqrt(count - 3)
    return math.tanh(middle - half), math.tanh(middle + half)
