"""Scores trees without walking them: one number holds which leaves a row may still reach, of all trees at once.

Each split that sends a row to the right strikes out the leaves on its left. The splits on one feature are sorted, so that what they strike
out together is found by one search; what is left of a tree's leaves begins with the one that the walk would end at.

Source: C. Lucchese et al., "QuickScorer: a fast algorithm to rank documents with additive ensembles of regression trees" (SIGIR 2015).
"""

from __future__ import annotations

import sys
from bisect import bisect_left
from collections.abc import Sequence
from operator import getitem
from typing import Final, Literal, NamedTuple

from engine.signals.models.schema import Tree
from engine.signals.models.tree_checks import LEAF

MASKS_BYTES_MAX: Final = 8 << 20
"""So much memory the masks of one model may take."""
_FORMATS: Final[dict[int, Literal["B", "H", "I", "Q"]]] = {8: "B", 16: "H", 32: "I", 64: "Q"}
"""How a number of so many bits is read from memory."""


class _Plain(float):
    """What `sum` adds to one by one; to a float itself it adds more exactly since Python 3.12, and that is not LightGBM's sum."""


_ZERO: Final = 0.0 if sys.version_info < (3, 12) else _Plain(0.0)


class _Splits(NamedTuple):
    """All splits on one feature."""

    feature: int
    thresholds: list[float]
    """Rising."""
    masks: list[int]
    """What is not struck out by the first so many of them."""


class QuickScorer:
    """All trees of a model; scores are added in their order, so that the sum is that of the walk to the last bit."""

    __slots__ = ("_format", "_full", "_lowest", "_scores", "_size", "_splits")

    def __init__(self, trees: Sequence[Tree], width: int) -> None:
        """Take trees of at most `width` leaves, which is 8, 16, 32 or 64."""
        nodes: dict[int, list[tuple[float, int]]] = {}
        self._scores: list[dict[int, float]] = []
        self._full = 0
        for number, tree in enumerate(trees):
            self._full |= self._take(tree, number * width, nodes)
        self._lowest = sum(1 << number * width for number in range(len(trees)))
        self._size, self._format = len(trees) * width // 8, _FORMATS[width]
        self._splits = [self._sorted(feature, found) for feature, found in sorted(nodes.items())]

    def raw(self, row: Sequence[float]) -> float:
        """Return the sum of the scores that a row reaches."""
        left = self._full
        for feature, thresholds, masks in self._splits:
            left &= masks[bisect_left(thresholds, row[feature])]
        first = left & (
            left ^ (left - self._lowest)
        )  # the lowest bit of each tree; none is empty, so none borrows
        leaves = memoryview(first.to_bytes(self._size, "little")).cast(self._format)
        return sum(map(getitem, self._scores, leaves), _ZERO)

    def _take(self, tree: Tree, base: int, nodes: dict[int, list[tuple[float, int]]]) -> int:
        """Note each split of a tree with the leaves on its left, and return all leaves; children come after their parents."""
        places, below = _leaf_places(tree), [0] * len(tree.feature)
        for node in reversed(range(len(tree.feature))):
            if tree.feature[node] == LEAF:
                below[node] = 1 << base + places[node]
            else:
                on_left = below[tree.left[node]]
                below[node] = on_left | below[tree.right[node]]
                nodes.setdefault(tree.feature[node], []).append((tree.threshold[node], on_left))
        self._scores.append({1 << place: tree.value[node] for node, place in places.items()})
        return below[0]

    def _sorted(self, feature: int, found: list[tuple[float, int]]) -> _Splits:
        found.sort()
        masks = [self._full]
        for _, struck in found:
            masks.append(masks[-1] & ~struck)
        return _Splits(feature, [threshold for threshold, _ in found], masks)


def quick_scorer(trees: Sequence[Tree]) -> QuickScorer | None:
    """Return what scores trees, None where they have too many leaves, or it would take too much memory."""
    counts = [tree.feature.count(LEAF) for tree in trees]
    width = next((width for width in _FORMATS if width >= max(counts)), 0)
    masks = sum(counts) * width * len(trees) // 8
    return QuickScorer(trees, width) if width and masks <= MASKS_BYTES_MAX else None


def _leaf_places(tree: Tree) -> dict[int, int]:
    """Return the place of each leaf, counted from the left."""
    places: dict[int, int] = {}
    ahead = [0]
    while ahead:
        node = ahead.pop()
        if tree.feature[node] == LEAF:
            places[node] = len(places)
        else:
            ahead += (tree.right[node], tree.left[node])
    return places
