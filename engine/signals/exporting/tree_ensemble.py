"""Trees as the flat arrays of ONNX's operator TreeEnsemble, which numbers splits and leaves apart.

Source: the ONNX standard, ai.onnx.ml, operator TreeEnsemble of version 5.
"""

from __future__ import annotations

from collections.abc import Sequence

from engine.signals.models.schema import Tree
from engine.signals.models.tree_checks import LEAF


class TreeEnsemble:
    """The arrays of all trees; a number of one that is no leaf counts splits, of one that is counts leaves."""

    def __init__(self, trees: Sequence[Tree]) -> None:
        self.roots: list[int] = []
        self.features: list[int] = []
        self.thresholds: list[float] = []
        self.on_true: list[int] = []
        """Where a row goes that is up to and with the threshold: our left."""
        self.true_is_leaf: list[int] = []
        self.on_false: list[int] = []
        self.false_is_leaf: list[int] = []
        self.scores: list[float] = []
        """Of the leaves."""
        for tree in trees:
            self._add(tree)

    def _add(self, tree: Tree) -> None:
        self.roots.append(len(self.features))
        splits = [node for node, feature in enumerate(tree.feature) if feature != LEAF]
        if not splits:
            self._add_leaf_alone(tree.value[0])
            return
        places = {node: len(self.features) + number for number, node in enumerate(splits)}
        self.features += [tree.feature[node] for node in splits]
        self.thresholds += [tree.threshold[node] for node in splits]
        for node in splits:
            self._point(tree, tree.left[node], places, self.on_true, self.true_is_leaf)
            self._point(tree, tree.right[node], places, self.on_false, self.false_is_leaf)

    def _point(
        self, tree: Tree, child: int, places: dict[int, int], to: list[int], is_leaf: list[int]
    ) -> None:
        if child in places:
            to.append(places[child])
            is_leaf.append(0)
        else:
            to.append(self._leaf(tree.value[child]))
            is_leaf.append(1)

    def _add_leaf_alone(self, score: float) -> None:
        """Add a tree without a split: the operator wants one, so both its ways lead to the leaf."""
        leaf = self._leaf(score)
        self.features.append(0)
        self.thresholds.append(0.0)
        self.on_true.append(leaf)
        self.on_false.append(leaf)
        self.true_is_leaf.append(1)
        self.false_is_leaf.append(1)

    def _leaf(self, score: float) -> int:
        self.scores.append(score)
        return len(self.scores) - 1
