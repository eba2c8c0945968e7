"""Folds train on what was known and are tried on what came after it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import DataError
from engine.signals.training.folds import Fold, overlaps, walk_forward
from engine.signals.training.spec import WalkSpec
from engine.signals.training.table import Table, table_of
from engine.signals.training.walking import trained_on
from tests.training_bench import DAY_NS, RECIPE, random_walk


def table(rows: int, horizon: int, symbols: int = 1) -> Table:
    """Return rows without features, one a day and symbol."""
    days = np.repeat(np.arange(rows, dtype=np.int64), symbols)
    earned = np.where(np.arange(rows * symbols) % 2, 0.01, -0.01)
    return Table(
        np.zeros((rows * symbols, 1)),
        days * DAY_NS,
        days * DAY_NS,
        (days + horizon) * DAY_NS,
        earned,
        np.tile(np.arange(symbols, dtype=np.int64), rows),
        [f"S{number}" for number in range(symbols)],
        {},
    )


def days_of(told: Table, places: Sequence[int]) -> list[int]:
    return [int(each) // DAY_NS for each in told.event_ns[list(places)]]


@given(st.integers(60, 400), st.integers(1, 8), st.integers(1, 3), st.integers(3, 8), st.integers(0, 10))
def test_each_row_after_the_first_share_is_tried_once_and_never_before_it_is_over(
    rows: int, horizon: int, symbols: int, folds: int, embargo: int
) -> None:
    told = table(rows, horizon, symbols)
    found = walk_forward(told, WalkSpec(folds=folds, first_share=0.4, embargo_bars=embargo))
    tested = np.concatenate([fold.test for fold in found])
    assert sorted(tested.tolist()) == list(range(int(rows * 0.4) * symbols, rows * symbols))
    for fold in found:
        begins = min(days_of(told, fold.test.tolist()))
        last = max(days_of(told, fold.train.tolist()), default=-1)
        assert last + horizon <= begins - embargo
        assert last == begins - embargo - horizon or not len(fold.train)


def shuffled(told: Table, walk: WalkSpec) -> list[Fold]:
    """Return folds that know no time."""
    places = np.random.default_rng(1).permutation(len(told))
    return [Fold(np.setdiff1d(places, part), np.sort(part)) for part in np.array_split(places, walk.folds)]


def unpurged(told: Table, walk: WalkSpec) -> list[Fold]:
    """Return folds that train up to the test."""
    return [Fold(np.arange(fold.test.min()), fold.test) for fold in walk_forward(told, walk)]


def test_folds_without_purge_and_without_order_are_found() -> None:
    told, walk = table(1_000, 4), WalkSpec(folds=3, first_share=0.4)
    assert not overlaps(told, walk_forward(told, walk))
    assert overlaps(told, unpurged(told, walk)).endswith("3 in fold 1, 3 in fold 2, 3 in fold 3")
    assert overlaps(told, shuffled(told, walk)).startswith(
        "overlap: labels of training rows reach into the test"
    )


def test_too_few_rows_and_labels_that_are_all_the_same_are_told_apart() -> None:
    with pytest.raises(DataError, match="too few for 6 folds"):
        walk_forward(table(8, 1), WalkSpec())
    few = table(200, 1)
    with pytest.raises(DataError, match=r"fold 1 can't be trained: .*300 are needed"):
        overlaps(few, walk_forward(few, WalkSpec(folds=3)))
    told = table(1_000, 1)
    told.earned[:] = 0.01
    with pytest.raises(DataError, match="fold 1 can't be trained: all labels are the same"):
        overlaps(told, walk_forward(told, WalkSpec(folds=3)))


def test_a_band_that_leaves_nothing_to_learn_from_is_said_before_anything_is_fitted() -> None:
    told = table(1_000, 1)
    (fold, *_) = walk_forward(told, WalkSpec())
    rows, ups = trained_on(told, fold, 0.005, told.earned)
    assert (len(rows), int(ups.sum())) == (len(fold.train), len(fold.train) // 2)
    with pytest.raises(DataError, match=r"0 of \d+ rows move by more than the 9999 bps of label.band_bps"):
        trained_on(told, fold, 0.9999, told.earned)
    with pytest.raises(DataError, match="and both ways: make the band narrower"):
        trained_on(told, fold, 0.005, np.abs(told.earned))


def test_bars_that_are_no_rows_are_counted_by_reason() -> None:
    told = table_of({"B": random_walk(60, 2, "B"), "A": random_walk(60, 1, "A")}, RECIPE, 2)
    assert told.left_out == {"it has no features": 40, "the data ends before its label is known": 6}
    assert len(told) == 2 * 60 - 46
    assert told.symbol.tolist()[:4] == [0, 1, 0, 1]
    assert (np.diff(told.event_ns) >= 0).all()
