"""A version as an ONNX file: onnxruntime, which is no code of ours, predicts what we do."""

from __future__ import annotations

import json
from math import inf, isnan, nan
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import ConfigError
from engine.signals.models.reading import model_of, written
from engine.signals.models.refusal import ModelRefused
from engine.signals.models.schema import Linear, ModelFile, Tree
from tests.model_bench import boosted, linear
from tests.onnx_bench import LINE, POOL, grown, in_single_precision, manifest, predicted, without_the_gap

onnx = pytest.importorskip("onnx", reason="needs touchline[onnx]")
onnxruntime = pytest.importorskip("onnxruntime", reason="needs touchline[onnx]")

from engine.signals.exporting.onnx_file import metadata, write_onnx  # noqa: E402  # where the extra is
from engine.signals.exporting.onnx_graph import onnx_bytes  # noqa: E402
from engine.signals.exporting.onnx_trial import try_onnx  # noqa: E402

KINDS: dict[str, ModelFile] = {
    "logistic": linear(),
    "logistic, scaled and calibrated": predicted(
        msgspec.structs.replace(linear(scaled=True), calibration=LINE)
    ),
    "gbm": boosted(),
    "gbm, calibrated": predicted(msgspec.structs.replace(boosted(), calibration=LINE)),
}


def bytes_of(file: ModelFile) -> bytes:
    return onnx_bytes(file, "for tests", {"name": "daily"})


def run(content: bytes, rows: list[list[float]]) -> list[float]:
    """Return what onnxruntime predicts, asked by nothing of ours."""
    session: Any = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    (found,) = session.run(["probability"], {"row": rows})
    return [float(each) for (each,) in found]


@pytest.mark.parametrize("file", KINDS.values(), ids=KINDS)
def test_the_golden_rows_come_out_in_onnxruntime_as_the_trainer_had_them(file: ModelFile) -> None:
    found = run(bytes_of(file), [list(each.row) for each in file.golden])
    assert found == pytest.approx([each.probability for each in file.golden], abs=1e-14)


@settings(max_examples=40)
@given(
    seed=st.integers(0, 1 << 32),
    rows=st.lists(st.lists(st.sampled_from(POOL), min_size=3, max_size=3), min_size=1, max_size=20),
)
def test_any_trees_predict_the_same_on_their_thresholds(seed: int, rows: list[list[float]]) -> None:
    file = grown(seed, trees=4, splits_max=6)
    model = model_of(file).model
    assert run(bytes_of(file), rows) == pytest.approx([model.predict(row) for row in rows], abs=1e-14)


@settings(max_examples=40)
@given(
    weights=st.lists(st.floats(-1e6, 1e6), min_size=3, max_size=3),
    row=st.lists(st.floats(-1e6, 1e6), min_size=3, max_size=3),
)
def test_any_regression_predicts_the_same_however_far_out(weights: list[float], row: list[float]) -> None:
    file = predicted(msgspec.structs.replace(linear(), weights=weights))
    score = sum(abs(weight * value) for weight, value in zip(weights, row, strict=True))
    rounded = 1e-15 * score  # the sum may be added in another order
    assert run(bytes_of(file), [row])[0] == pytest.approx(
        model_of(file).model.predict(row), abs=1e-14 + rounded
    )


@pytest.mark.parametrize("missing", [nan, inf, -inf], ids=["nan", "inf", "-inf"])
@pytest.mark.parametrize("file", KINDS.values(), ids=KINDS)
def test_a_row_that_lacks_a_value_is_nan_and_the_others_are_not(file: ModelFile, missing: float) -> None:
    whole = list(file.golden[0].row)
    *lacking, last = run(
        bytes_of(file), [*([*whole[:n], missing, *whole[n + 1 :]] for n in range(len(whole))), whole]
    )
    assert all(map(isnan, lacking))
    assert last == pytest.approx(file.golden[0].probability, abs=1e-14)


@pytest.mark.parametrize("file", KINDS.values(), ids=KINDS)
def test_the_same_model_makes_the_same_bytes(file: ModelFile) -> None:
    backwards = dict(reversed(list(metadata(manifest(), file).items())))
    assert onnx_bytes(file, "about", metadata(manifest(), file)) == onnx_bytes(file, "about", backwards)


def test_the_file_says_what_it_is(tmp_path: Path) -> None:
    path = tmp_path / "daily.onnx"
    done = write_onnx(manifest(), written(boosted()), path)
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    told = {each.key: each.value for each in model.metadata_props}
    assert (told["name"], told["version"]) == ("daily", manifest().id)
    assert (told["feature_set"], json.loads(told["features"])) == ("fs-test", boosted().features)
    assert told["model_json_sha256"] == manifest().files["model.json"]
    assert (model.producer_name, model.doc_string) == ("touchline", "next bar up or down, of liquid shares")
    assert {each.domain: each.version for each in model.opset_import} == {"": 21, "ai.onnx.ml": 5}
    assert (done.size_bytes, path.stat().st_mode & 0o777) == (path.stat().st_size, 0o600)
    assert done.agreed.apart_max < 1e-14


def tried(file: ModelFile, content: bytes) -> None:
    try_onnx(content, file, model_of(file).model)


def test_a_file_that_predicts_otherwise_is_found_out() -> None:
    other = bytes_of(linear(0.2))
    with pytest.raises(
        ModelRefused, match=r"ONNX: onnxruntime .* says .* of row 0, and we say .*; nothing was written"
    ):
        tried(linear(), other)


def test_single_precision_is_found_out_on_the_thresholds() -> None:
    file = boosted()
    tried(file, bytes_of(file))
    with pytest.raises(ModelRefused, match="onnxruntime"):
        tried(file, bytes_of(in_single_precision(file)))


def test_a_prediction_for_a_row_that_lacks_a_value_is_found_out() -> None:
    with pytest.raises(ModelRefused, match="something is predicted where a value is missing"):
        tried(boosted(), without_the_gap(bytes_of(boosted())))


def test_trees_as_large_as_they_may_be_are_tried_in_bounds() -> None:
    file = grown(5, trees=1_000, splits_max=90, features=8)
    content = bytes_of(file)
    agreed = try_onnx(content, file, model_of(file).model)
    assert 512 < agreed.rows <= 16 + 2 * 512
    assert agreed.apart_max < 1e-12


def test_one_leaf_is_a_model_too() -> None:
    leaf = Tree(feature=[-1], threshold=[0.0], left=[-1], right=[-1], value=[0.5])
    file = predicted(msgspec.structs.replace(boosted(), trees=[leaf]))
    tried(file, bytes_of(file))


def test_what_is_there_already_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "daily.onnx"
    path.write_text("mine", encoding="utf-8")
    with pytest.raises(ConfigError, match="is there already; expected the name of a new file"):
        write_onnx(manifest(), written(linear()), path)
    assert path.read_text(encoding="utf-8") == "mine"


def test_a_model_that_predicts_otherwise_than_its_trainer_had_it_is_no_file(tmp_path: Path) -> None:
    wrong: Linear = msgspec.structs.replace(linear(), intercept=3.0)
    with pytest.raises(ModelRefused, match="golden row 0"):
        write_onnx(manifest(), written(wrong), tmp_path / "daily.onnx")
    assert not list(tmp_path.iterdir())
