"""Trees as ONNX has them lead every row to the leaf that it had."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.signals.exporting.tree_ensemble import TreeEnsemble
from engine.signals.models.model import probability
from engine.signals.models.reading import model_of
from tests.model_bench import boosted, recorded
from tests.onnx_bench import LINE, POOL, grown


def walked(trees: TreeEnsemble, row: Sequence[float]) -> float:
    """Return the score of a row as the standard says it is worked out."""
    score = 0.0
    for root in trees.roots:
        node, is_leaf = root, 0
        while not is_leaf:
            goes_left = row[trees.features[node]] <= trees.thresholds[node]
            to, ends = (
                (trees.on_true, trees.true_is_leaf) if goes_left else (trees.on_false, trees.false_is_leaf)
            )
            node, is_leaf = to[node], ends[node]
        score += trees.scores[node]
    return score


def test_lightgbms_trees_score_what_they_scored() -> None:
    trees = TreeEnsemble(boosted().trees)
    assert [walked(trees, each.row) for each in recorded()] == pytest.approx(
        [each.raw for each in recorded()], abs=1e-12
    )


@given(seed=st.integers(0, 1 << 32), row=st.lists(st.sampled_from(POOL), min_size=3, max_size=3))
def test_any_trees_score_what_they_scored_those_of_a_leaf_alone_too(seed: int, row: list[float]) -> None:
    file = grown(seed, trees=4, splits_max=6)
    score = walked(TreeEnsemble(file.trees), row)
    assert probability(score, LINE) == model_of(file).model.predict(row)
