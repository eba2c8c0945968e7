"""Gradient boosted trees, scored in the order in which they were trained: the sums are LightGBM's to the last bit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from engine.signals.models.bounds import NODES_IN_ALL_MAX, TREES_MAX, check_count
from engine.signals.models.model import Explained, check_row, probability
from engine.signals.models.quick_scorer import quick_scorer
from engine.signals.models.schema import Boosted, Tree
from engine.signals.models.tree_checks import LEAF, check_tree


class Trees:
    """All trees: scored at once where they are small; else walked, as nodes that hold their children."""

    how_explained: Final = (
        "path attribution (Saabas): how the mean score changes at each split of the row's paths"
    )

    def __init__(self, file: Boosted) -> None:
        """Take a file whose common part was checked.

        Raises:
            ModelRefused: there are too many trees or nodes, or one is no tree.
        """
        check_count("trees", len(file.trees), 1, TREES_MAX)
        check_count("nodes of all trees", sum(len(tree.feature) for tree in file.trees), 1, NODES_IN_ALL_MAX)
        for number, tree in enumerate(file.trees):
            check_tree(number, tree, len(file.features))
        self.feature_set: Final = file.feature_set
        self.features: Final = tuple(file.features)
        self._calibration = file.calibration
        self._trees: Final = tuple(file.trees)
        self._scorer: Final = quick_scorer(file.trees)
        self._roots: Final = tuple(map(_woven, file.trees)) if self._scorer is None else ()

    def predict(self, row: Sequence[float]) -> float:
        """Return the probability of a row.

        Raises:
            NoPrediction: a value is missing, there are too many or too few, or the score is no number.
        """
        check_row(row, self.features)
        raw = self._walk(row) if self._scorer is None else self._scorer.raw(row)
        return probability(raw, self._calibration)

    def _walk(self, row: Sequence[float]) -> float:
        raw = 0.0
        for feature, threshold, left, right in self._roots:
            while left is not None:
                feature, threshold, left, right = left if row[feature] <= threshold else right  # noqa: PLW2901  # the walk
            raw += threshold
        return raw

    def explain(self, row: Sequence[float]) -> Explained:
        """Return by how much the splits on each feature moved the mean score along the row's paths; the roots are the base.

        Source: A. Saabas, "Interpreting random forests" (2014).

        Raises:
            NoPrediction: a value is missing, or there are too many or too few.
        """
        check_row(row, self.features)
        moved = [0.0] * len(self.features)
        base = 0.0
        for tree in self._trees:
            node = 0
            base += tree.value[node]
            while (looked_at := tree.feature[node]) != LEAF:
                child = tree.left[node] if row[looked_at] <= tree.threshold[node] else tree.right[node]
                moved[looked_at] += tree.value[child] - tree.value[node]
                node = child
        return Explained(base, tuple(moved))


def _woven(tree: Tree) -> tuple[int, float, Any, Any]:
    """Return the root as (feature, threshold, left, right); a leaf has its score as its threshold, and None for children.

    Children come after their parents, so it is made from the end on.
    """
    nodes: list[tuple[int, float, Any, Any]] = [(LEAF, value, None, None) for value in tree.value]
    for node in reversed(range(len(nodes))):
        if tree.feature[node] != LEAF:
            left, right = nodes[tree.left[node]], nodes[tree.right[node]]
            nodes[node] = (tree.feature[node], tree.threshold[node], left, right)
    return nodes[0]
