"""What one prediction costs beside onnxruntime, which has the same model as the ONNX file that is exported."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, NamedTuple

from engine.signals.models.schema import ModelFile
from tests.benchmarks.options import Options
from tests.benchmarks.row import Row

_PEER: Final = "onnxruntime, the model as exported, one row that is an array already, one thread"


class Measured(NamedTuple):
    """Ours, and what it is to be held against."""

    file: ModelFile
    inputs: list[list[float]]
    us: float
    goal: str


def beside_onnx(options: Options, models: Mapping[str, Measured], rounds: int) -> Iterator[Row]:
    """Yield a row for each model; without a ratio where ONNX or onnxruntime is not installed."""
    with TemporaryDirectory() as folder:
        for name, ours in models.items():
            theirs_us = _theirs_us(options, ours, Path(folder), rounds)
            yield Row(
                name=f"predict, {name}, beside ONNX", value=ours.us, unit="us", against=_PEER,
                ratio=ours.us / theirs_us if theirs_us else None, goal=ours.goal,
            )  # fmt: skip


def _theirs_us(options: Options, ours: Measured, folder: Path, rounds: int) -> float | None:
    try:
        from engine.signals.exporting.onnx_graph import onnx_bytes  # noqa: PLC0415  # an extra
    except ImportError:
        return None
    model, rows = folder / "model.onnx", folder / "rows.json"
    model.write_bytes(onnx_bytes(ours.file, "", {}))
    rows.write_text(json.dumps(ours.inputs), encoding="utf-8")
    found = options.peer("onnx_predict.py", str(model), str(rows), str(rounds))
    return found.get("us") if found else None
