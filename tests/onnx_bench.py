"""Models to write as ONNX, and files of it."""

from __future__ import annotations

from random import Random
from typing import TypeVar

import msgspec

from engine.signals.models.reading import model_of
from engine.signals.models.schema import Boosted, Calibration, Golden, Linear, Tree
from engine.signals.models.tree_checks import LEAF
from engine.signals.registry.card import Card
from engine.signals.registry.manifest import Manifest
from tests.model_bench import card

File = TypeVar("File", Linear, Boosted)
LINE = Calibration(slope=0.75, intercept=-0.125)
POOL = [number / 10 for number in range(-9, 10)]
"""Of thresholds and of values, so that many a value lies on a threshold."""


def manifest(name: str = "daily") -> Manifest:
    """Return the manifest of a version that is in no registry."""
    training = msgspec.convert(card(), Card)
    return Manifest(name=name, files={"model.json": "ab" * 32}, training=training, created_ns=1)


def grown(seed: int, trees: int, splits_max: int, features: int = 3) -> Boosted:
    """Return trees that grew at random, some of a leaf alone; their golden rows are as they predict them."""
    random = Random(seed)
    grove = [_tree(random, random.randint(0, splits_max), features) for _ in range(trees)]
    names = [f"f{number}" for number in range(features)]
    rows = [[random.choice(POOL) for _ in names] for _ in range(16)]
    golden = [Golden(row=row, probability=0.5) for row in rows]
    return predicted(
        Boosted(schema=1, feature_set="fs-test", features=names, trees=grove, golden=golden, calibration=LINE)
    )


def predicted(file: File) -> File:
    """Return a file whose golden rows are as it predicts them."""
    model = model_of(file).model
    golden = [Golden(row=each.row, probability=model.predict(each.row)) for each in file.golden]
    return msgspec.structs.replace(file, golden=golden)


def in_single_precision(file: Boosted) -> Boosted:
    """Return trees whose thresholds were rounded as ONNX did until its opset 5."""
    from numpy import float32  # noqa: PLC0415  # it is not wanted by who only makes models

    trees = [
        msgspec.structs.replace(tree, threshold=[float(float32(each)) for each in tree.threshold])
        for tree in file.trees
    ]
    return msgspec.structs.replace(file, trees=trees)


def without_the_gap(content: bytes) -> bytes:
    """Return an ONNX file that predicts something though a value is missing."""
    import onnx  # noqa: PLC0415  # an extra

    model = onnx.load_from_string(content)
    last = model.graph.node[-1]
    last.op_type = "Identity"
    del last.input[1:]
    found: bytes = model.SerializeToString()
    return found


def _tree(random: Random, splits: int, features: int) -> Tree:
    count = 2 * splits + 1
    feature, left, right, leaves = [LEAF] * count, [LEAF] * count, [LEAF] * count, [0]
    for split in range(splits):
        node = leaves.pop(random.randrange(len(leaves)))
        feature[node] = random.randrange(features)
        left[node], right[node] = 2 * split + 1, 2 * split + 2
        leaves += [left[node], right[node]]
    threshold = [random.choice(POOL) for _ in range(count)]
    value = [random.gauss(0, 1) for _ in range(count)]
    return Tree(feature=feature, threshold=threshold, left=left, right=right, value=value)
