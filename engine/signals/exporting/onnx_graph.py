"""A model as an ONNX graph, in double precision from end to end; the same model makes the same bytes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from onnx import TensorProto, checker, helper

from engine.signals.exporting.tree_ensemble import TreeEnsemble
from engine.signals.models.logistic import folded
from engine.signals.models.schema import Boosted, ModelFile
from engine.version import program_version

INPUT: Final = "row"
OUTPUT: Final = "probability"
IR_VERSION: Final = 10
OPSET: Final = 21
ML_OPSET: Final = 5
"""The first whose TreeEnsemble gives doubles back; those before it round to single precision."""
_ML: Final = "ai.onnx.ml"
_SUM: Final = 1
_UP_TO_AND_WITH: Final = 0
_COLUMNS: Final = 1


def onnx_bytes(file: ModelFile, about: str, told: Mapping[str, str]) -> bytes:
    """Return a model that was checked as an ONNX file: `row` (rows x features) in, `probability` (rows x 1) out.

    A row that lacks a value, or holds an infinity, comes out as NaN: nothing is predicted for it. What is told are its metadata.
    """
    graph = helper.make_graph(
        [*_scored(file), *_calibrated(), *_missing_is_nan()],
        "model",
        [helper.make_tensor_value_info(INPUT, TensorProto.DOUBLE, ["rows", len(file.features)])],
        [helper.make_tensor_value_info(OUTPUT, TensorProto.DOUBLE, ["rows", 1])],
        list(_constants(file)),
    )
    model = helper.make_model(
        graph,
        opset_imports=[helper.make_opsetid("", OPSET), helper.make_opsetid(_ML, ML_OPSET)],
        ir_version=IR_VERSION,
        producer_name="touchline",
        producer_version=program_version(),
        doc_string=about,
    )
    helper.set_model_props(model, dict(sorted(told.items())))
    checker.check_model(model, full_check=True)
    content: bytes = model.SerializeToString(deterministic=True)
    return content


def _scored(file: ModelFile) -> Iterator[Any]:
    """Yield what makes the raw score of a row."""
    if not isinstance(file, Boosted):
        yield helper.make_node("MatMul", [INPUT, "weights"], ["weighed"])
        yield helper.make_node("Add", ["weighed", "base"], ["score"])
        return
    trees = TreeEnsemble(file.trees)
    count = len(trees.features)
    yield helper.make_node(
        "TreeEnsemble",
        [INPUT],
        ["score"],
        domain=_ML,
        n_targets=1,
        aggregate_function=_SUM,
        post_transform=0,
        tree_roots=trees.roots,
        nodes_featureids=trees.features,
        nodes_splits=_doubles("nodes_splits", trees.thresholds, [count]),
        nodes_modes=helper.make_tensor("nodes_modes", TensorProto.UINT8, [count], [_UP_TO_AND_WITH] * count),
        nodes_truenodeids=trees.on_true,
        nodes_trueleafs=trees.true_is_leaf,
        nodes_falsenodeids=trees.on_false,
        nodes_falseleafs=trees.false_is_leaf,
        leaf_targetids=[0] * len(trees.scores),
        leaf_weights=_doubles("leaf_weights", trees.scores, [len(trees.scores)]),
    )


def _calibrated() -> Iterator[Any]:
    yield helper.make_node("Mul", ["score", "slope"], ["steep"])
    yield helper.make_node("Add", ["steep", "intercept"], ["log_odds"])
    yield helper.make_node("Sigmoid", ["log_odds"], ["of_any_row"])


def _missing_is_nan() -> Iterator[Any]:
    """Yield what adds a row's values less themselves: 0, and NaN where one is missing or no finite number."""
    yield helper.make_node("Sub", [INPUT, INPUT], ["less_itself"])
    yield helper.make_node("ReduceSum", ["less_itself", "columns"], ["gap"], keepdims=1)
    yield helper.make_node("Add", ["of_any_row", "gap"], [OUTPUT])


def _constants(file: ModelFile) -> Iterator[Any]:
    yield _doubles("slope", [file.calibration.slope], [])
    yield _doubles("intercept", [file.calibration.intercept], [])
    yield helper.make_tensor("columns", TensorProto.INT64, [1], [_COLUMNS])
    if not isinstance(file, Boosted):
        weights, base = folded(file)
        yield _doubles("weights", weights, [len(weights), 1])
        yield _doubles("base", [base], [])


def _doubles(name: str, values: Any, shape: list[int]) -> Any:
    return helper.make_tensor(name, TensorProto.DOUBLE, shape, values)
