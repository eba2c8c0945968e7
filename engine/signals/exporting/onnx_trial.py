"""An ONNX file is tried before it is kept: onnxruntime has to predict what we do, on thresholds and just above them too."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import inf, isfinite, nan, nextafter
from typing import Any, Final, NamedTuple

import numpy as np
import onnxruntime

from engine.signals.exporting.onnx_graph import INPUT
from engine.signals.models.model import Model
from engine.signals.models.refusal import ModelRefused
from engine.signals.models.schema import Boosted, ModelFile
from engine.signals.models.tree_checks import LEAF
from engine.signals.models.trial import TOLERANCE

EDGES_MAX: Final = 512
"""So many thresholds are tried, spread evenly over all."""
_QUIET: Final = 3
"""Only errors are said."""


class Agreed(NamedTuple):
    """What a trial showed."""

    rows: int
    apart_max: float
    """By so much its probabilities differ from ours at most."""
    runtime: str
    """The version of onnxruntime."""


def try_onnx(content: bytes, file: ModelFile, model: Model) -> Agreed:
    """Let onnxruntime predict the golden rows, and rows on thresholds.

    Raises:
        ModelRefused: one comes out otherwise than ours, or something is predicted where a value is missing.
    """
    session = _session(content)
    rows = [*(list(each.row) for each in file.golden), *_edges(file)]
    found = _predicted(session, rows)
    apart = [abs(one - model.predict(row)) for one, row in zip(found, rows, strict=True)]
    worst = next((number for number, each in enumerate(apart) if not each <= TOLERANCE), None)
    if worst is not None:
        raise ModelRefused(
            f"ONNX: onnxruntime {onnxruntime.__version__} says {found[worst]:.12g} of row {worst}, and we say "
            f"{model.predict(rows[worst]):.12g}; nothing was written"
        )
    if any(isfinite(each) for each in _predicted(session, list(_lacking(rows[0])))):
        raise ModelRefused("ONNX: something is predicted where a value is missing; nothing was written")
    return Agreed(len(rows), max(apart), onnxruntime.__version__)


def _session(content: bytes) -> Any:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = _QUIET
    return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])


def _predicted(session: Any, rows: Sequence[Sequence[float]]) -> list[float]:
    (found,) = session.run(None, {INPUT: np.array(rows, dtype=np.float64)})
    values: list[float] = found[:, 0].tolist()
    return values


def _edges(file: ModelFile) -> Iterator[list[float]]:
    """Yield golden rows moved onto a threshold, and to the next number above it: what single precision would send elsewhere."""
    if not isinstance(file, Boosted):
        return
    splits = [
        (feature, threshold)
        for tree in file.trees
        for feature, threshold in zip(tree.feature, tree.threshold, strict=True)
        if feature != LEAF
    ]
    for number, (feature, threshold) in enumerate(splits[:: len(splits) // EDGES_MAX + 1]):
        row = list(file.golden[number % len(file.golden)].row)
        for value in filter(isfinite, (threshold, nextafter(threshold, inf))):
            row[feature] = value
            yield list(row)


def _lacking(row: Sequence[float]) -> Iterator[list[float]]:
    """Yield a row with one of its values missing, each in turn, and likewise infinite."""
    for number in range(len(row)):
        for value in (nan, inf, -inf):
            yield [*row[:number], value, *row[number + 1 :]]
