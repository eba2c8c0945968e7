"""One training from bars to a model with its card: nothing of it is read from or written to a disk."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np

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
from engine.signals.training.walking import area_of, calibration_of, outcomes_of, trained_on, walk

ROTATIONS: Final = 8
"""So often are labels moved in time, and the model trained and tried on them."""
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
    tested: int
    """Rows that figures are of."""


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
        return _train(spec, bars, listener, recipe, split)


def _train(
    spec: Spec, bars: Mapping[str, Sequence[Bar]], listener: Listener, recipe: Recipe | None, split: Split
) -> Trained:
    one = feature_set(spec.features, spec.interval_ns)
    recipe = recipe or recipe_of(one)
    fit, horizon = fit_of(spec.model, spec.seed), spec.label.horizon_bars
    steps = Steps(2 * len(bars) + (1 + ROTATIONS) * spec.walk_forward.folds + 2, listener)
    steps.begin("working out features")
    table = table_of(bars, recipe, horizon, steps.done)
    if not len(table):
        raise DataError(f"no bar has features and a label{_told(table.left_out)}")
    steps.begin("looking for the future in rows")
    alarms = list(_alarms_in_rows(spec, bars, recipe, one, steps))
    folds = split(table, spec.walk_forward)
    if found := overlaps(table, folds):
        alarms.append(found)
    steps.begin("walking forward")
    walked = walk(table, folds, fit, spec.label.band, done=steps.done)
    steps.begin("scoring")
    outcomes = outcomes_of(table, walked)
    metrics = metrics_of(outcomes, horizon, spec.label.cost_bps, spec.seed)
    steps.done()
    steps.begin("moving labels in time")

    def area(earned: Numbers) -> float:
        return area_of(walk(table, folds, fit, spec.label.band, earned, steps.done), earned)

    moved = suspicion.rotations(table, area, ROTATIONS, spec.seed)
    tested = len(outcomes.earned)
    alarms += suspicion.too_good(metrics)
    alarms += suspicion.telling_features(table, one.names, horizon)
    alarms += filter(None, [suspicion.predicts_nothing(moved)])
    steps.begin("fitting on all rows")
    file = _file(spec, one, table, fit, calibration_of(table, walked))
    steps.done()
    areas = tuple(area_of([each], table.earned) for each in walked)
    return Trained(file, one.names, table, metrics, areas, tuple(moved), tuple(alarms), tested)


def _alarms_in_rows(
    spec: Spec, bars: Mapping[str, Sequence[Bar]], recipe: Recipe, one: FeatureSet, steps: Steps
) -> Iterator[str]:
    for symbol in sorted(bars):
        found = leaks_in_rows(bars[symbol], recipe, spec.label.horizon_bars, one.warm_up, spec.seed)
        yield from (f"{symbol}: {each}" for each in found)
        steps.done()


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
