"""The rows of a training, in the order of time: features, and what came of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.model.bar import Bar
from engine.signals.features.feature_set import FeatureSet
from engine.signals.features.kernel import replayed
from engine.signals.features.vector import Features, Flag, Missing
from engine.signals.training.labels import Forward, MakeLabels, forwards

Numbers = NDArray[np.float64]
Times = NDArray[np.int64]
MakeFeatures = Callable[[Sequence[Bar]], list[Features]]


class Recipe(NamedTuple):
    """How rows are made of bars."""

    features: MakeFeatures
    labels: MakeLabels = forwards


@dataclass(frozen=True, slots=True)
class Table:
    """Rows as columns, one entry a row."""

    values: Numbers
    """A line a row, a column a feature."""
    event_ns: Times
    """When the row was known."""
    begin_ns: Times
    end_ns: Times
    """When its label was known."""
    earned: Numbers
    symbol: Times
    """Which of `symbols` it is of."""
    symbols: Sequence[str]
    left_out: Mapping[str, int]
    """How many bars are no rows, by reason."""

    def __len__(self) -> int:
        return len(self.event_ns)

    @property
    def ups(self) -> Numbers:
        """1 where something was earned, as predictions are scored when their outcome is known; else 0."""
        return (self.earned > 0).astype(np.float64)


def recipe_of(feature_set: FeatureSet) -> Recipe:
    """Return how rows are made: by the kernel that works features out live."""
    return Recipe(partial(replayed, feature_set))


def table_of(
    bars: Mapping[str, Sequence[Bar]], recipe: Recipe, horizon: int, done: Callable[[], None] = lambda: None
) -> Table:
    """Return the rows of the bars of several symbols; `done` hears of each symbol."""
    rows: list[tuple[int, int, Forward, tuple[float, ...]]] = []
    left_out = Counter[str]()
    for number, symbol in enumerate(sorted(bars)):
        for vector, label in zip(
            recipe.features(bars[symbol]), recipe.labels(bars[symbol], horizon), strict=True
        ):
            if isinstance(vector, Missing):
                left_out["it has no features"] += 1
            elif Flag.SPLIT_LIKE in vector.flags or Flag.GAP in vector.flags:
                left_out["its features rest on a split or a gap"] += 1
            elif not isinstance(label, Forward):
                left_out[label.reason] += 1
            else:
                rows.append((vector.event_ns, number, label, vector.values))
        done()
    rows.sort(key=lambda row: row[:2])
    return Table(
        np.array([row[3] for row in rows], dtype=np.float64),
        np.array([row[0] for row in rows], dtype=np.int64),
        np.array([row[2].begin_ns for row in rows], dtype=np.int64),
        np.array([row[2].end_ns for row in rows], dtype=np.int64),
        np.array([row[2].earned for row in rows], dtype=np.float64),
        np.array([row[1] for row in rows], dtype=np.int64),
        sorted(bars),
        dict(left_out),
    )
