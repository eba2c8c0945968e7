"""Looks for the future in scores: figures that are too good, and labels that mean nothing and are predicted."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from math import sqrt
from typing import Final

import numpy as np

from engine.signals.registry.card import Metric
from engine.signals.registry.gates import TOO_GOOD
from engine.signals.statistics.information import spearman, t_value
from engine.signals.training.table import Numbers, Table

ROTATIONS: Final = 8
"""So often are labels moved in time, and the model trained and tried on them."""
SURE_T: Final = 4.0
"""A feature's correlation is beyond chance from here on: a dozen features reach 3 now and then."""
SIGMAS: Final = 5.0
"""So many deviations of their mean above a half is no chance: of eight rotations one in a thousand."""
LEAST: Final = 0.02
"""Less above a half is not looked into."""


def too_good(metrics: Mapping[str, Metric]) -> Iterator[str]:
    """Find figures out of sample that bars of a liquid market don't have."""
    for name, bound in TOO_GOOD.items():
        if name in metrics and abs(metrics[name].value) > bound:
            value = metrics[name].value
            yield f"suspicious score: {name} {value:.3f} is beyond {bound:g}, which is too good to be true"


def telling_features(table: Table, names: Sequence[str], horizon: int) -> Iterator[str]:
    """Find single features that tell more of what came than one can."""
    earned = table.earned.tolist()
    for column, name in enumerate(names):
        found = spearman(table.values[:, column].tolist(), earned)
        sure = t_value(found, len(table), horizon)
        if found is not None and abs(found) > TOO_GOOD["ic"] and (sure is None or abs(sure) > SURE_T):
            yield f"suspicious feature: {name} alone has an IC of {found:+.3f}, beyond {TOO_GOOD['ic']:g}"


def rotated(table: Table, random: np.random.Generator) -> Numbers:
    """Return what was earned, moved by a large step of time within each symbol: as it hangs together, of other rows."""
    earned = table.earned.copy()
    for symbol in np.unique(table.symbol):
        places = np.flatnonzero(table.symbol == symbol)
        quarter = max(1, len(places) // 4)
        earned[places] = np.roll(table.earned[places], int(random.integers(quarter, 3 * quarter + 1)))
    return earned


def predicts_nothing(areas: Sequence[float]) -> str:
    """Say what is wrong where labels that were moved in time are predicted; empty where they are not.

    A way of training that sees labels of the time it is tried on finds them again wherever they were
    moved to; one that does not has an area of a half, more or less as the areas differ among themselves.
    """
    above = float(np.mean(areas)) - 0.5
    deviation = float(np.std(areas, ddof=1)) / sqrt(len(areas))
    if above <= max(LEAST, SIGMAS * deviation):
        return ""
    return f"permutation: labels moved in time are predicted with an AUC of {above + 0.5:.3f}, where chance has 0.500"


Areas = Callable[[Numbers], float]
"""Takes what was earned, and returns the area that walk-forward has with it."""


def rotations(table: Table, area: Areas, seed: int) -> list[float]:
    """Return the area of each rotation."""
    random = np.random.default_rng(seed)
    return [area(rotated(table, random)) for _ in range(ROTATIONS)]
