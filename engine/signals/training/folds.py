"""Walk-forward folds: trained on what was known, tried on what came after it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.errors import DataError
from engine.signals.training.spec import WalkSpec
from engine.signals.training.table import Table
from engine.signals.validation import rules
from engine.signals.validation.finding import Severity
from engine.signals.validation.training_checks import DOWN, UP, TrainingRow, check_training

Places = NDArray[np.int64]


class Fold(NamedTuple):
    """Places of rows in the table."""

    train: Places
    test: Places


Split = Callable[[Table, WalkSpec], list[Fold]]


def walk_forward(table: Table, walk: WalkSpec) -> list[Fold]:
    """Return folds whose tests follow each other in time.

    Purged from training is each row whose label is not known when the test begins, and as many bars
    before it as the embargo says.

    Raises:
        DataError: there are fewer bars than that takes.
    """
    grid = np.unique(table.event_ns)
    first = int(len(grid) * walk.first_share)
    if len(grid) - first < walk.folds or first <= walk.embargo_bars:
        raise DataError(f"{len(grid):,} bars with features and a label are too few for {walk.folds} folds")
    edges = np.linspace(first, len(grid), walk.folds + 1).astype(int)
    folds = []
    for begin, end in pairwise(edges.tolist()):
        known = table.end_ns <= grid[begin - walk.embargo_bars]
        tested = (table.event_ns >= grid[begin]) & (table.event_ns <= grid[end - 1])
        folds.append(Fold(np.flatnonzero(known), np.flatnonzero(tested)))
    return folds


def overlaps(table: Table, folds: Sequence[Fold]) -> str:
    """Say which labels of training reach into the time of the test, or lie after it; empty where none does.

    Raises:
        DataError: a fold is not fit to train on: it has too few rows, or one label alone.
    """
    over = Counter[int]()
    for number, fold in enumerate(folds, 1):
        train, test = (_rows(table, places) for places in fold)
        for found in check_training(train, data_end_ns=int(table.end_ns.max()), test=test):
            if found.rule is rules.OVERLAP:
                over[number] += 1
            elif found.rule.severity is Severity.FAIL:
                raise DataError(f"fold {number} can't be trained: {found.rule.meaning}: {found.found}")
    if not over:
        return ""
    told = ", ".join(f"{count:,} in fold {number}" for number, count in over.items())
    return f"overlap: labels of training rows reach into the test that they are tried on: {told}"


def _rows(table: Table, places: Places) -> list[TrainingRow]:
    return [
        TrainingRow(event_ns, end_ns, UP if earned > 0 else DOWN)
        for event_ns, end_ns, earned in zip(
            table.event_ns[places].tolist(),
            table.end_ns[places].tolist(),
            table.earned[places].tolist(),
            strict=True,
        )
    ]
