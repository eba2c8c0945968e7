"""Walks a way of fitting through the folds, and gathers what it said of rows that it was not trained on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

import numpy as np

from engine.errors import DataError
from engine.signals.models.schema import Calibration
from engine.signals.training.fitting import Fit, calibrated, platt
from engine.signals.training.folds import Fold
from engine.signals.training.scoring import Outcomes, auc_of
from engine.signals.training.table import Numbers, Table

LEVEL: Final = 0.01
"""The slope where the scores before told nothing: hardly more than the share of ups."""

MOVES_MIN: Final = 100
"""So many rows of a fold must move by more than the band."""


class Walked(NamedTuple):
    """The raw scores of one fold's test, and what share of the training rows were ups."""

    fold: Fold
    scores: Numbers
    base: float


def walk(
    table: Table,
    folds: Sequence[Fold],
    fit: Fit,
    band: float,
    earned: Numbers,
    done: Callable[[], None] = lambda: None,
) -> list[Walked]:
    """Fit and try every fold; `earned` is the table's, or moved in time. `done` hears of each."""
    walked = []
    for fold in folds:
        model = fit(*trained_on(table, fold, band, earned))
        base = float((earned[fold.train] > 0).mean())
        walked.append(Walked(fold, model.scores(table.values[fold.test]), base))
        done()
    return walked


def trained_on(table: Table, fold: Fold, band: float, earned: Numbers) -> tuple[Numbers, Numbers]:
    """Return the rows and labels of training: moves within the band are too small to be worth a trade, or learning.

    Raises:
        DataError: too few are left, or they go one way alone.
    """
    places = fold.train[np.abs(earned[fold.train]) > band]
    ups = earned[places] > 0
    if len(places) < MOVES_MIN or ups.all() or not ups.any():
        raise DataError(
            f"{len(places):,} of {len(fold.train):,} rows move by more than the {band * 10_000:g} bps of label.band_bps, "
            f"{int(ups.sum()):,} of them up; {MOVES_MIN:,} are needed, and both ways: make the band narrower"
        )
    return table.values[places], ups.astype(np.float64)


def area_of(walked: Sequence[Walked], earned: Numbers) -> float:
    """Return the mean area of the folds, each by itself: ups are commoner in some years than in others."""
    areas = [auc_of(each.scores, (earned[each.fold.test] > 0).astype(np.float64)) for each in walked]
    return float(np.mean(areas))


def calibration_of(table: Table, walked: Sequence[Walked]) -> Calibration | None:
    """Return Platt's line through all scores out of sample; None where it does not rise."""
    return platt(
        np.concatenate([each.scores for each in walked]),
        np.concatenate([table.ups[each.fold.test] for each in walked]),
    )


def outcomes_of(table: Table, walked: Sequence[Walked]) -> Outcomes:
    """Return predictions as they would have been made: each fold is calibrated on those before it, the first on none.

    What the first fold said is used for that alone.
    """
    probability = []
    for number, each in enumerate(walked[1:], 1):
        begins_ns = table.event_ns[each.fold.test].min()
        before = [_known(table, earlier, begins_ns) for earlier in walked[:number]]
        found = calibration_of(table, before) or _level(table, before)
        probability.append(calibrated(each.scores, found))
    tests = np.concatenate([each.fold.test for each in walked[1:]])
    base = np.concatenate([np.full(len(each.scores), each.base) for each in walked[1:]])
    return Outcomes(np.concatenate(probability), table.earned[tests], base, table.event_ns[tests])


def _known(table: Table, walked: Walked, now_ns: int) -> Walked:
    """Leave out the rows whose label is not known yet."""
    kept = table.end_ns[walked.fold.test] <= now_ns
    return walked._replace(fold=walked.fold._replace(test=walked.fold.test[kept]), scores=walked.scores[kept])


def _level(table: Table, walked: Sequence[Walked]) -> Calibration:
    """Return a line that is all but level, through the share of ups."""
    ups = np.concatenate([table.ups[each.fold.test] for each in walked])
    scores = np.concatenate([each.scores for each in walked])
    share = min(max(float(ups.mean()), 1e-3), 1 - 1e-3)
    return Calibration(slope=LEVEL, intercept=float(np.log(share / (1 - share)) - LEVEL * scores.mean()))
