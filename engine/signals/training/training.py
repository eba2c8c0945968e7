"""One training from bars to a model with its card: nothing of it is read from or written to a disk."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np
import polars as pl

from engine.errors import DataError
from engine.model.bar import Bar
from engine.signals.features.feature_set import FeatureSet
from engine.signals.features.sets import feature_set
from engine.signals.models.reading import model_of
from engine.signals.models.schema import Calibration, Golden, ModelFile
from engine.signals.models.trial import check_golden
from engine.signals.registry.card import Metric
from engine.signals.training import suspicion
from engine.signals.training.fitting import Fit, Fitted, calibrated, fit_of, one_thread
from engine.signals.training.folds import Fold, Split, overlaps, walk_forward
from engine.signals.training.leaks import leaks_in_rows
from engine.signals.training.scoring import metrics_of
from engine.signals.training.spec import Spec
from engine.signals.training.table import Numbers, Recipe, Table, recipe_of, table_of
from engine.signals.training.tried import Part, outcomes_in, parts_of, tried_of
from engine.signals.training.walking import Walked, area_of, calibration_of, trained_on, walk

GOLDEN: Final = 64


class Said(NamedTuple):
    """How far a training is."""

    doing: str
    share: float


Listener = Callable[[Said], None]


class Trained(NamedTuple):
    """A model, and all that was found out about it."""

    file: ModelFile | None
    """None where nothing was learned: out of sample, higher scores were not followed by more ups."""
    features: tuple[str, ...]
    table: Table
    metrics: Mapping[str, Metric]
    fold_areas: tuple[float, ...]
    rotated_areas: tuple[float, ...]
    alarms: tuple[str, ...]
    """What looks like the future; a model with any is not registered."""
    tried: pl.DataFrame
    """The rows that figures are of."""
    parts: tuple[Part, ...]
    """The figures of each symbol, and of each fold."""


class Steps:
    """Counts the steps of a training."""

    def __init__(self, total: int, listener: Listener) -> None:
        self._total = total
        self._done = 0
        self._listener = listener
        self.doing = ""

    def begin(self, doing: str) -> None:
        """Say what comes next."""
        self.doing = doing
        self._tell()

    def done(self) -> None:
        """Count a step."""
        self._done += 1
        self._tell()

    def _tell(self) -> None:
        self._listener(Said(self.doing, min(1.0, self._done / self._total)))


def train(
    spec: Spec,
    bars: Mapping[str, Sequence[Bar]],
    listener: Listener = lambda _: None,
    recipe: Recipe | None = None,
    split: Split = walk_forward,
) -> Trained:
    """Make a model of the bars of several symbols, in order of time each, on one thread.

    Args:
        spec: what it is to be.
        bars: by symbol, held against the rules before.
        listener: hears how far it is.
        recipe: how rows are made of bars; by the kernel that works features out live where nothing is said.
        split: how folds are made.

    Raises:
        DataError: there is too little to train on.
    """
    with one_thread():
        return _Training(spec, bars, listener, recipe, split).run()


class _Training:
    """One run."""

    def __init__(
        self,
        spec: Spec,
        bars: Mapping[str, Sequence[Bar]],
        listener: Listener,
        recipe: Recipe | None,
        split: Split,
    ) -> None:
        self._spec = spec
        self._bars = bars
        self._set = feature_set(spec.features, spec.interval_ns)
        self._recipe = recipe or recipe_of(self._set)
        self._split = split
        self._fit = fit_of(spec.model, spec.seed)
        self._horizon = spec.label.horizon_bars
        self._steps = Steps(2 * len(bars) + (1 + suspicion.ROTATIONS) * spec.walk_forward.folds + 2, listener)
        self._alarms: list[str] = []

    def run(self) -> Trained:
        """Make rows, walk through them, look for leaks on the way, and fit what is kept."""
        table = self._table()
        self._look_into_rows()
        folds = self._split(table, self._spec.walk_forward)
        self._alarms += filter(None, [overlaps(table, folds)])
        self._steps.begin("walking forward")
        walked = self._walk(table, folds, table.earned)
        tried = tried_of(table, self._set.names, walked, self._spec.label.cost_bps)
        metrics, parts = self._score(table, tried)
        moved = self._move_labels(table, folds)
        self._steps.begin("fitting on all rows")
        file = _file(self._spec, self._set, table, self._fit, calibration_of(table, walked))
        self._steps.done()
        areas = tuple(area_of([each], table.earned) for each in walked)
        return Trained(file, self._set.names, table, metrics, areas, moved, tuple(self._alarms), tried, parts)

    def _table(self) -> Table:
        self._steps.begin("working out features")
        table = table_of(self._bars, self._recipe, self._horizon, self._steps.done)
        if not len(table):
            raise DataError(f"no bar has features and a label{_told(table.left_out)}")
        return table

    def _look_into_rows(self) -> None:
        self._steps.begin("looking for the future in rows")
        for symbol in sorted(self._bars):
            found = leaks_in_rows(
                self._bars[symbol], self._recipe, self._horizon, self._set.warm_up, self._spec.seed
            )
            self._alarms += (f"{symbol}: {each}" for each in found)
            self._steps.done()

    def _walk(self, table: Table, folds: Sequence[Fold], earned: Numbers) -> list[Walked]:
        return walk(table, folds, self._fit, self._spec.label.band, earned, self._steps.done)

    def _score(self, table: Table, tried: pl.DataFrame) -> tuple[dict[str, Metric], tuple[Part, ...]]:
        self._steps.begin("scoring")
        how = (self._horizon, self._spec.label.cost_bps, self._spec.seed)
        metrics = metrics_of(outcomes_in(tried), *how)
        self._alarms += suspicion.too_good(metrics)
        self._alarms += suspicion.telling_features(table, self._set.names, self._horizon)
        parts = tuple(parts_of(tried, *how))
        self._steps.done()
        return metrics, parts

    def _move_labels(self, table: Table, folds: Sequence[Fold]) -> tuple[float, ...]:
        self._steps.begin("moving labels in time")
        areas = suspicion.rotations(
            table, lambda earned: area_of(self._walk(table, folds, earned), earned), self._spec.seed
        )
        self._alarms += filter(None, [suspicion.predicts_nothing(areas)])
        return tuple(areas)


def _file(
    spec: Spec, one: FeatureSet, table: Table, fit: Fit, calibration: Calibration | None
) -> ModelFile | None:
    """Fit on all rows; the golden ones are what the library itself says of them."""
    if calibration is None:
        return None
    everything = Fold(np.arange(len(table)), np.arange(0))
    model = fit(*trained_on(table, everything, spec.label.band, table.earned))
    file = model.file(one.id, one.names, calibration, _golden(model, table, calibration))
    check_golden(model_of(file).model, file.golden)
    return file


def _golden(model: Fitted, table: Table, calibration: Calibration) -> list[Golden]:
    rows = table.values[np.linspace(0, len(table) - 1, GOLDEN).astype(int)]
    probabilities = calibrated(model.scores(rows), calibration)
    return [
        Golden(row=row, probability=each)
        for row, each in zip(rows.tolist(), probabilities.tolist(), strict=True)
    ]


def _told(left_out: Mapping[str, int]) -> str:
    told = "; ".join(f"{count:,} bars: {reason}" for reason, count in left_out.items())
    return f" ({told})" if told else ""
