"""A model that LightGBM saved as text, as the trees of `model.json`; LightGBM itself is not needed.

Taken are models of one class with numerical splits. The format is LightGBM's `Booster.save_model`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from engine.model.text import clean
from engine.signals.models.bounds import BYTES_MAX, check_count
from engine.signals.models.refusal import ModelRefused
from engine.signals.models.schema import Tree
from engine.signals.models.tree_checks import LEAF

_CATEGORICAL: Final = 1
_MISSING_IS_ZERO: Final = 1
"""Of the two bits of a decision type that say what counts as missing."""


def trees_of(text: str) -> tuple[list[str], list[Tree]]:
    """Return the names of the features and the trees.

    Raises:
        ModelRefused: it is no such model, or of a kind that is not taken.
    """
    check_count("LightGBM text: characters", len(text), 1, BYTES_MAX)
    head, *several = text.partition("\nend of trees")[0].split("\nTree=")
    about = _fields(head)
    if head.split("\n", 1)[0].strip() != "tree" or not several:
        raise ModelRefused("LightGBM text: expected a model that save_model wrote, with at least one tree")
    if about.get("num_class") != "1" or about.get("objective") != "binary sigmoid:1":
        raise ModelRefused("LightGBM text: expected the objective binary with a sigmoid of 1, and one class")
    if "average_output" in head.split("\n"):
        raise ModelRefused("LightGBM text: a random forest averages its trees; expected boosted ones")
    return about.get("feature_names", "").split(), [_tree(each, n) for n, each in enumerate(several)]


def _tree(text: str, number: int) -> Tree:
    found = _fields(text)
    try:
        if found.get("is_linear", "0") != "0" or int(found.get("num_cat", "0")):
            raise ModelRefused(f"LightGBM text, tree {number}: expected numerical splits and constant leaves")
        leaves = _numbers(found, "leaf_value")
        if len(leaves) == 1:
            return Tree(feature=[LEAF], threshold=[0.0], left=[LEAF], right=[LEAF], value=leaves)
        return _joined(found, leaves, number)
    except (KeyError, ValueError, IndexError) as error:
        raise ModelRefused(
            f"LightGBM text, tree {number}: {clean(str(error), 80)} is missing or no number"
        ) from None


def _joined(found: Mapping[str, str], leaves: list[float], number: int) -> Tree:
    """Put the leaves behind the splits: LightGBM numbers both from 0, and counts leaves downwards from -1."""
    feature = [int(each) for each in found["split_feature"].split()]
    for kind in map(int, found["decision_type"].split()):
        if kind & _CATEGORICAL or (kind >> 2) & 3 == _MISSING_IS_ZERO:
            raise ModelRefused(
                f"LightGBM text, tree {number}: expected numerical splits where 0 is not missing"
            )
    splits, count = len(feature), len(leaves)

    def children(name: str) -> list[int]:
        return [child if child >= 0 else splits + ~child for child in map(int, found[name].split())]

    return Tree(
        feature=feature + [LEAF] * count,
        threshold=_numbers(found, "threshold") + [0.0] * count,
        left=children("left_child") + [LEAF] * count,
        right=children("right_child") + [LEAF] * count,
        value=_numbers(found, "internal_value") + leaves,
    )


def _numbers(found: Mapping[str, str], name: str) -> list[float]:
    return [float(each) for each in found[name].split()]


def _fields(text: str) -> dict[str, str]:
    return dict(_pairs(text))


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    for line in text.split("\n"):
        name, equals, value = line.partition("=")
        if equals:
            yield name, value
