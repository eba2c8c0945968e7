"""Whether the arrays of a tree are a tree: every walk from its root ends at a leaf, whatever the row."""

from __future__ import annotations

from engine.signals.models.bounds import DEPTH_MAX, NODES_MAX, check_count, check_finite
from engine.signals.models.refusal import ModelRefused
from engine.signals.models.schema import Tree

LEAF = -1


def check_tree(number: int, tree: Tree, feature_count: int) -> None:
    """Refuse arrays that are no tree.

    A child comes after its parent, so no walk goes round; each node but the root has one parent.

    Raises:
        ModelRefused: says which node is wrong, and how.
    """
    where, count = f"tree {number}", len(tree.feature)
    check_count(f"{where}: nodes", count, 1, NODES_MAX)
    for name in ("threshold", "left", "right", "value"):
        check_count(f"{where}: {name}", len(getattr(tree, name)), count, count)
    check_finite(f"{where}: threshold", tree.threshold)
    check_finite(f"{where}: value", tree.value)
    depth = [0] * count
    parents = [0] * count
    for node, feature in enumerate(tree.feature):
        if feature != LEAF:
            check_count(f"{where}, node {node}: feature", feature, 0, feature_count - 1)
        _check_children(where, node, tree, depth, parents)
    orphan = next((node for node in range(1, count) if parents[node] != 1), None)
    if orphan is not None:
        raise ModelRefused(f"{where}, node {orphan}: expected one parent, found {parents[orphan]}")


def _check_children(where: str, node: int, tree: Tree, depth: list[int], parents: list[int]) -> None:
    if tree.feature[node] == LEAF:
        if (tree.left[node], tree.right[node]) != (LEAF, LEAF):
            raise ModelRefused(f"{where}, node {node}: a leaf has no children; expected {LEAF} for both")
        return
    for child in (tree.left[node], tree.right[node]):
        if not node < child < len(depth):
            raise ModelRefused(
                f"{where}, node {node}: expected a child after it and below {len(depth):,}, found {child}"
            )
        parents[child] += 1
        depth[child] = depth[node] + 1
        if depth[child] > DEPTH_MAX:
            raise ModelRefused(f"{where}, node {child}: it is deeper than {DEPTH_MAX}")
