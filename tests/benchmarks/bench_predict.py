"""What one prediction costs, row by row as a desk makes them."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

from engine.signals.models.model import Model
from engine.signals.models.reading import model_of
from engine.signals.models.schema import Boosted, Golden, Tree
from tests.benchmarks.beside_onnx import Measured, beside_onnx
from tests.benchmarks.options import Options
from tests.benchmarks.row import Row, limited
from tests.model_bench import HERE, boosted, linear, recorded

_ROUNDS, _PREDICTS = 9, 2_000
_FEATURES, _TREES, _SPLITS = 12, 100, 14
_LIMIT_US = 15.0
_LIGHTGBM = "LightGBM's Booster.predict, one row, one thread"
_PLAIN = "plain Python: the same trees as nested dicts"
Predict = Callable[[Sequence[float]], float]


def rows(options: Options) -> list[Row]:
    """Return the rows: against LightGBM and onnxruntime where they are, against plain Python everywhere, and the limit."""
    rounds = options.rounds(_ROUNDS)
    small, model, regression = model_of(boosted()).model, model_of(_large()).model, model_of(linear()).model
    inputs = [list(each.row) for each in recorded()]
    theirs = options.peer(
        "lightgbm_predict.py", str(HERE / "model.txt"), str(HERE / "predictions.json"), str(rounds)
    )
    ours_us = measured(small.predict, inputs, rounds)[0]
    large = _inputs(model)
    p50_us, p99_us = measured(model.predict, large, rounds)
    plain_us = measured(_plain(_large().trees), large, rounds)[0]
    few = _inputs(regression)
    regression_us, regression_p99_us = measured(regression.predict, few, rounds)
    onnx = {
        "30 trees of 7 leaves": Measured(boosted(), inputs, ours_us, "<= 1.0"),
        "100 trees of 15 leaves": Measured(_large(), large, p50_us, "<= 1.1"),
        "logistic": Measured(linear(), few, regression_us, "<= 1.0"),
    }
    return [
        Row(
            name="predict, 30 trees of 7 leaves", value=ours_us, unit="us", against=_LIGHTGBM,
            ratio=ours_us / theirs["us"] if theirs else None, goal="<= 1.0",
        ),
        Row(
            name="predict, 100 trees of 15 leaves", value=p50_us, unit="us", against=_PLAIN,
            ratio=p50_us / plain_us, goal="<= 1.0",
        ),
        limited("predict, 100 trees of 15 leaves, p99", p99_us, "us", _LIMIT_US),
        limited("predict, logistic, p99", regression_p99_us, "us", _LIMIT_US),
        limited("explain, 100 trees of 15 leaves, p99", measured(model.explain, large, rounds)[1], "us", 10 * _LIMIT_US),
        *beside_onnx(options, onnx, rounds),
    ]  # fmt: skip


def measured(
    predict: Callable[[Sequence[float]], Any], inputs: list[list[float]], rounds: int
) -> tuple[float, float]:
    """Return median and p99 of the processor time in microseconds, each the least of several rounds."""
    medians, tails = [], []
    for _ in range(rounds):
        took = []
        for number in range(_PREDICTS):
            row = inputs[number % len(inputs)]
            began_ns = time.thread_time_ns()
            predict(row)
            took.append(time.thread_time_ns() - began_ns)
        took.sort()
        medians.append(took[_PREDICTS // 2] / 1_000)
        tails.append(took[_PREDICTS * 99 // 100 - 1] / 1_000)
    return min(medians), min(tails)


def _inputs(model: Model) -> list[list[float]]:
    random = Random(7)
    return [[random.gauss(0, 1) for _ in model.features] for _ in range(200)]


def _large() -> Boosted:
    """Return trees as leaf-wise growing makes them: each split takes a random leaf apart."""
    random = Random(3)
    golden = [Golden(row=[0.0] * _FEATURES, probability=0.5)] * 16
    names = [f"f{number}" for number in range(_FEATURES)]
    trees = [_tree(random) for _ in range(_TREES)]
    return Boosted(schema=1, feature_set="fs-bench", features=names, trees=trees, golden=golden)


def _tree(random: Random) -> Tree:
    count = 2 * _SPLITS + 1
    feature, left, right, leaves = [-1] * count, [-1] * count, [-1] * count, [0]
    for split in range(_SPLITS):
        node = leaves.pop(random.randrange(len(leaves)))
        feature[node] = random.randrange(_FEATURES)
        left[node], right[node] = 2 * split + 1, 2 * split + 2
        leaves += [left[node], right[node]]
    threshold = [random.gauss(0, 1) for _ in range(count)]
    value = [random.gauss(0, 0.1) for _ in range(count)]
    return Tree(feature=feature, threshold=threshold, left=left, right=right, value=value)


def _plain(trees: Sequence[Tree]) -> Predict:
    """Return the peer: each tree a dict of dicts, walked by name."""
    from math import exp  # noqa: PLC0415  # the peer's own

    def nested(tree: Tree, node: int) -> dict[str, Any]:
        if tree.feature[node] < 0:
            return {"leaf": tree.value[node]}
        return {
            "feature": tree.feature[node],
            "threshold": tree.threshold[node],
            "left": nested(tree, tree.left[node]),
            "right": nested(tree, tree.right[node]),
        }

    roots = [nested(tree, 0) for tree in trees]

    def predict(row: Sequence[float]) -> float:
        raw = 0.0
        for root in roots:
            node = root
            while "leaf" not in node:
                node = node["left"] if row[node["feature"]] <= node["threshold"] else node["right"]
            raw += node["leaf"]
        return 1 / (1 + exp(-raw))

    return predict
