"""Gradient boosted trees, walked in the order in which they were trained: the sums are LightGBM's to the last bit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from engine.signals.models.bounds import NODES_IN_ALL_MAX, TREES_MAX, check_count
from engine.signals.models.model import Explained, check_row, probability
from engine.signals.models.schema import Boosted
from engine.signals.models.tree_checks import LEAF, check_tree


class Trees:
    """All trees in one set of flat arrays, one behind the other."""

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
        self._roots: list[int] = []
        self._feature: list[int] = []
        self._threshold: list[float] = []
        self._left: list[int] = []
        self._right: list[int] = []
        self._value: list[float] = []
        self._join(file)

    def _join(self, file: Boosted) -> None:
        for tree in file.trees:
            root = len(self._feature)
            self._roots.append(root)
            self._feature += tree.feature
            self._threshold += tree.threshold
            self._left += [root + child for child in tree.left]
            self._right += [root + child for child in tree.right]
            self._value += tree.value

    def predict(self, row: Sequence[float]) -> float:
        """Return the probability of a row.

        Raises:
            NoPrediction: a value is missing, or there are too many or too few.
        """
        check_row(row, self.features)
        feature, threshold, left, right, value = (
            self._feature, self._threshold, self._left, self._right, self._value,
        )  # fmt: skip
        raw = 0.0
        for node in self._roots:
            while (looked_at := feature[node]) != LEAF:
                node = left[node] if row[looked_at] <= threshold[node] else right[node]  # noqa: PLW2901  # the walk
            raw += value[node]
        return probability(raw, self._calibration)

    def explain(self, row: Sequence[float]) -> Explained:
        """Return by how much the splits on each feature moved the mean score along the row's paths; the roots are the base.

        Source: A. Saabas, "Interpreting random forests" (2014).

        Raises:
            NoPrediction: a value is missing, or there are too many or too few.
        """
        check_row(row, self.features)
        moved = [0.0] * len(self.features)
        base = 0.0
        for root in self._roots:
            node = root
            base += self._value[node]
            while (looked_at := self._feature[node]) != LEAF:
                is_left = row[looked_at] <= self._threshold[node]
                child = self._left[node] if is_left else self._right[node]
                moved[looked_at] += self._value[child] - self._value[node]
                node = child
        return Explained(base, tuple(moved))
