"""What a model predicts, and why."""

from __future__ import annotations

from itertools import count
from math import exp, inf, nan

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from engine.clock import SimulatedClock
from engine.signals.models.lightgbm_text import trees_of
from engine.signals.models.model import probability
from engine.signals.models.quick_scorer import quick_scorer
from engine.signals.models.reading import model_of, read_model, written
from engine.signals.models.refusal import ModelRefused, NoPrediction
from engine.signals.models.schema import Boosted, Calibration, Golden, Tree
from engine.signals.models.trial import check_golden, p99_us
from tests.model_bench import HERE, boosted, linear, recorded

FINITE = st.floats(-1e6, 1e6)
TEXT = (HERE / "model.txt").read_text(encoding="utf-8")


def test_trees_predict_what_lightgbm_predicts_to_the_last_bit_on_thresholds_too() -> None:
    model = read_model(written(boosted())).model
    assert [model.predict(each.row) for each in recorded()] == [each.probability for each in recorded()]


def test_trees_predict_what_a_lightgbm_that_is_installed_predicts() -> None:
    lightgbm = pytest.importorskip("lightgbm")
    numpy = pytest.importorskip("numpy")
    rows = numpy.random.default_rng(5).normal(size=(300, 5))
    model = model_of(boosted()).model
    assert [model.predict(row.tolist()) for row in rows] == lightgbm.Booster(model_str=TEXT).predict(
        rows
    ).tolist()


def test_scores_are_added_one_by_one_and_what_is_lost_on_the_way_stays_lost() -> None:
    scores = (1e16, 1.0, -1e16)  # exactly they are 1, and LightGBM makes 0 of them
    leaves = [Tree(feature=[-1], threshold=[0.0], left=[-1], right=[-1], value=[score]) for score in scores]
    scorer = quick_scorer(leaves)
    assert scorer is not None
    assert scorer.raw([]) == 0.0


def test_what_the_features_add_sums_up_to_the_raw_score() -> None:
    model = model_of(boosted()).model
    for each in recorded():
        told = model.explain(each.row)
        assert told.base + sum(told.contributions) == pytest.approx(each.raw, abs=1e-12)
    assert "Saabas" in model.how_explained


@given(row=st.lists(FINITE, min_size=3, max_size=3))
def test_a_folded_scaler_predicts_what_scaling_each_row_does(row: list[float]) -> None:
    file = linear(scaled=True)
    assert file.scaler is not None
    scaled = [(x - m) / s for x, m, s in zip(row, file.scaler.means, file.scaler.scales, strict=True)]
    raw = file.intercept + sum(w * x for w, x in zip(file.weights, scaled, strict=True))
    model = model_of(file).model
    assert model.predict(row) == pytest.approx(probability(raw, Calibration()), abs=1e-9)
    told = model.explain(row)
    assert told.base + sum(told.contributions) == pytest.approx(raw, rel=1e-9, abs=1e-9)


def test_a_calibration_is_a_line_under_the_log_odds_and_no_score_overflows() -> None:
    line = Calibration(slope=2.0, intercept=-1.0)
    assert probability(0.3, line) == 1 / (1 + exp(-(2.0 * 0.3 - 1.0)))
    assert [probability(raw, Calibration()) for raw in (-1e6, 1e6)] == [0.0, 1.0]


@pytest.mark.parametrize("missing", [nan, inf, -inf], ids=["nan", "inf", "-inf"])
@pytest.mark.parametrize("kind", ["linear", "boosted"])
def test_a_missing_value_is_no_prediction_and_says_which(kind: str, missing: float) -> None:
    model = model_of(linear() if kind == "linear" else boosted()).model
    row = [0.0] * len(model.features)
    for tell in (model.predict, model.explain):
        with pytest.raises(NoPrediction, match="no value of ret_5"):
            tell([row[0], missing, *row[2:]])
        with pytest.raises(NoPrediction, match="values, found 1"):
            tell([1.0])


def test_large_values_that_add_up_to_infinity_are_not_missing() -> None:
    assert model_of(linear()).model.predict([1e308, 0.0, 1e308]) == 1.0


def test_products_that_cancel_each_other_out_beyond_all_bounds_are_no_prediction() -> None:
    far = [2.0, 0.0, 2.0]
    file = replace(linear(), weights=[1e308, 0.0, -1e308])
    with pytest.raises(NoPrediction, match="its score of this row is no number"):
        model_of(file).model.predict(far)
    read = model_of(replace(file, golden=[Golden(row=far, probability=0.5)] * 16))
    with pytest.raises(ModelRefused, match="golden row 0: its score of this row is no number"):
        check_golden(read.model, read.golden)


def test_a_golden_row_that_comes_out_otherwise_is_refused() -> None:
    read = model_of(linear())
    check_golden(read.model, read.golden)
    other = model_of(linear(0.2))
    with pytest.raises(ModelRefused, match="golden row 0 was"):
        check_golden(other.model, read.golden)


def test_the_time_of_a_prediction_is_the_clocks() -> None:
    steps = SimulatedClock(0)
    steps.monotonic_ns = count(step=7_000).__next__
    read = model_of(linear())
    assert p99_us(read.model, read.golden, steps) == 7.0


@pytest.mark.parametrize(
    ("found", "instead", "said"),
    [
        pytest.param(
            "objective=binary sigmoid:1", "objective=regression", "the objective binary", id="regression"
        ),
        pytest.param("num_class=1", "num_class=3", "one class", id="classes"),
        pytest.param("label_index=0", "average_output\nlabel_index=0", "random forest", id="forest"),
        pytest.param("decision_type=2", "decision_type=1", "numerical splits", id="categorical"),
        pytest.param("decision_type=2", "decision_type=6", "0 is not missing", id="zero"),
        pytest.param("leaf_value=", "leaf=", "leaf_value", id="no-leaves"),
        pytest.param("threshold=", "threshold=x", "no number", id="no-number"),
        pytest.param("tree\nversion", "bush\nversion", "save_model", id="not-lightgbm"),
        pytest.param("num_cat=0", "num_cat=2", "numerical splits", id="categories"),
    ],
)
def test_a_lightgbm_model_of_another_kind_is_refused(found: str, instead: str, said: str) -> None:
    assert found in TEXT
    with pytest.raises(ModelRefused, match=said):
        trees_of(TEXT.replace(found, instead))


def test_a_tree_that_is_one_leaf_is_taken() -> None:
    head = TEXT.partition("\nTree=")[0]
    _, (tree,) = trees_of(f"{head}\nTree=0\nnum_leaves=1\nnum_cat=0\nleaf_value=0.25\n\nend of trees\n")
    assert (tree.feature, tree.value) == ([-1], [0.25])


@st.composite
def grown(draw: st.DrawFn) -> Tree:
    """Return a tree as leaf-wise growing makes it, thresholds among few numbers so that they come twice."""
    splits = draw(st.integers(0, draw(st.sampled_from([7, 15, 31, 63, 80]))))
    number = st.integers(-3, 3).map(float)
    feature, left, right, leaves = [-1], [-1], [-1], [0]
    for _ in range(splits):
        node = leaves.pop(draw(st.integers(0, len(leaves) - 1)))
        feature[node] = draw(st.integers(0, 2))
        left[node], right[node] = len(feature), len(feature) + 1
        leaves += [left[node], right[node]]
        feature += [-1, -1]
        left += [-1, -1]
        right += [-1, -1]
    threshold = [draw(number) for _ in feature]
    return Tree(
        feature=feature,
        threshold=threshold,
        left=left,
        right=right,
        value=[n / 7 for n in range(len(feature))],
    )


def walked(trees: list[Tree], row: list[float]) -> float:
    """Return the score as the definition has it."""
    raw = 0.0
    for tree in trees:
        node = 0
        while tree.feature[node] >= 0:
            goes_left = row[tree.feature[node]] <= tree.threshold[node]
            node = tree.left[node] if goes_left else tree.right[node]
        raw += tree.value[node]
    return raw


@settings(max_examples=60, deadline=None)
@given(
    st.lists(grown(), min_size=1, max_size=4),
    st.lists(st.lists(st.integers(-4, 4).map(float), min_size=3, max_size=3), min_size=1, max_size=8),
)
def test_trees_score_as_a_walk_does_to_the_last_bit_whatever_their_size(
    trees: list[Tree], rows: list[list[float]]
) -> None:
    golden = [Golden(row=[0.0] * 3, probability=0.5)] * 16
    model = model_of(
        Boosted(schema=1, feature_set="fs-test", features=["a", "b", "c"], trees=trees, golden=golden)
    ).model
    for row in rows:
        assert model.predict(row) == probability(walked(trees, row), Calibration())


def test_only_trees_that_are_small_are_scored_at_once() -> None:
    stump = Tree(
        feature=[0, -1, -1], threshold=[0.5, 0, 0], left=[1, -1, -1], right=[2, -1, -1], value=[0, 1, 2]
    )
    assert quick_scorer([stump] * 100) is not None
    chain = _chain(65)
    assert chain.feature.count(-1) == 65
    assert quick_scorer([chain]) is None
    assert quick_scorer([_chain(64)] * 200) is None, "its masks would take too much memory"


def _chain(leaves: int) -> Tree:
    """Return a tree each of whose splits has a leaf on its right."""
    count = 2 * leaves - 1
    inner = [node % 2 == 0 and node < count - 1 for node in range(count)]
    return Tree(
        feature=[0 if each else -1 for each in inner],
        threshold=[-float(node) for node in range(count)],
        left=[node + 2 if each else -1 for node, each in enumerate(inner)],
        right=[node + 1 if each else -1 for node, each in enumerate(inner)],
        value=[float(node) for node in range(count)],
    )
