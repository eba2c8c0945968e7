"""A whole training: what it makes is the same each time, is what the registry takes, and is refused where it leaks."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import msgspec
import numpy as np
import pytest

from engine.model.bar import Bar
from engine.signals.features.kernel import replayed
from engine.signals.features.vector import Features, FeatureVector
from engine.signals.models.reading import model_of
from engine.signals.registry.card import read_card
from engine.signals.statistics.reference import Reference
from engine.signals.training.folds import Fold, walk_forward
from engine.signals.training.spec import BoostedSpec, LabelSpec, LogisticSpec, WalkSpec
from engine.signals.training.table import Recipe, Table, table_of
from tests.model_bench import Bench
from tests.training_bench import RECIPE, SET, needs_libraries, random_walk, spec

needs_libraries()

from engine.signals.training.fitting import calibrated, fit_of, one_thread, platt  # noqa: E402
from engine.signals.training.suspicion import predicts_nothing, rotations  # noqa: E402
from engine.signals.training.training import Said, Trained, train  # noqa: E402
from engine.signals.training.walking import area_of, outcomes_of, walk  # noqa: E402
from engine.signals.training.writing import files_of_model  # noqa: E402

KINDS: list[LogisticSpec | BoostedSpec] = [LogisticSpec(), BoostedSpec(trees=20, leaves=4, rows_a_leaf=40)]
BARS = {"AAA": random_walk(760, 5, pull=0.1)}


@cache
def trained(kind: LogisticSpec | BoostedSpec = KINDS[0]) -> Trained:
    return train(spec(model=kind), BARS)


@pytest.mark.parametrize("kind", KINDS, ids=["logistic", "gbm"])
def test_the_same_spec_and_bars_make_the_same_files_and_the_registry_takes_them(
    kind: LogisticSpec | BoostedSpec, tmp_path: Path
) -> None:
    asked = spec(model=kind)
    found = trained(kind)
    assert found.file is not None
    files = files_of_model(asked, found, found.file, "ab" * 32)
    again = train(asked, BARS)
    assert again.file is not None
    assert files == files_of_model(asked, again, again.file, "ab" * 32)
    assert not found.alarms
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    bench = Bench(tmp_path)
    version = bench.registry.add("daily", tmp_path, "ann")
    card = bench.registry.load("daily", version).manifest.training
    assert (card.horizon_bars, card.cost_bps, card.purge_bars) == (1, 2.0, 1)
    assert set(card.metrics) == {
        "auc", "ic", "brier", "brier_skill", "hit_rate", "gross_bps", "net_bps", "long_bps",
    }  # fmt: skip
    assert Reference.from_json(files["reference.json"].decode()).features.keys() == set(SET.names)


def test_a_model_predicts_rows_that_the_kernel_makes_live() -> None:
    found = trained()
    assert found.file is not None
    model = model_of(found.file).model
    live = [each for each in replayed(SET, BARS["AAA"]) if isinstance(each, FeatureVector)]
    assert model.feature_set == live[0].set_id
    kept = {
        int(event): row.tolist() for event, row in zip(found.table.event_ns, found.table.values, strict=True)
    }
    assert all(kept.get(each.event_ns, list(each.values)) == list(each.values) for each in live)
    assert all(0 < model.predict(each.values) < 1 for each in live)


def test_how_far_it_is_never_goes_back_and_ends_at_all() -> None:
    said: list[Said] = []
    train(spec(), BARS, said.append)
    shares = [each.share for each in said]
    assert shares == sorted(shares)
    assert shares[-1] == 1
    assert [*dict.fromkeys(each.doing for each in said)] == [
        "working out features", "looking for the future in rows", "walking forward", "scoring",
        "moving labels in time", "fitting on all rows",
    ]  # fmt: skip


def leaking() -> Recipe:
    """Return how rows are made where the last feature is what will be earned."""

    def features(bars: Sequence[Bar]) -> list[Features]:
        rows = replayed(SET, bars)
        labels = RECIPE.labels(bars, 1)
        return [
            msgspec.structs.replace(row, values=(*row.values[:-1], getattr(label, "earned", 0.0)))
            if isinstance(row, FeatureVector)
            else row
            for row, label in zip(rows, labels, strict=True)
        ]

    return RECIPE._replace(features=features)


def test_a_leak_is_found_by_every_test_that_can_see_it_and_is_on_the_card() -> None:
    found = train(spec(), BARS, recipe=leaking())
    kinds = {each.removeprefix("AAA: ").split(":")[0] for each in found.alarms}
    assert kinds == {"truncation", "future perturbation", "suspicious score", "suspicious feature"}
    assert found.file is not None
    card = read_card(files_of_model(spec(), found, found.file, "ab" * 32)["card.json"])
    assert len(card.leakage_alarms) == len(found.alarms)


def shuffled(table: Table, asked: WalkSpec) -> list[Fold]:
    places = np.random.default_rng(1).permutation(len(table))
    return [Fold(np.setdiff1d(places, part), np.sort(part)) for part in np.array_split(places, asked.folds)]


def test_shuffled_folds_find_labels_again_wherever_they_are_moved_to() -> None:
    table = table_of({"AAA": random_walk(1_200, 6)}, RECIPE, 10)
    fit = fit_of(BoostedSpec(trees=40, leaves=15, rate=0.1, rows_a_leaf=10), 1)
    folds = shuffled(table, WalkSpec(folds=3))
    with one_thread():
        areas = rotations(table, lambda earned: area_of(walk(table, folds, fit, 0.0, earned), earned), 1)
    assert predicts_nothing(areas).startswith("permutation: labels moved in time are predicted")


def test_a_fold_is_calibrated_on_what_was_known_before_it() -> None:
    table = table_of(BARS, RECIPE, 1)
    walked = walk(
        table, walk_forward(table, spec().walk_forward), fit_of(LogisticSpec(), 1), 0.0, table.earned
    )
    told = outcomes_of(table, walked)
    assert len(told.earned) == sum(len(each.scores) for each in walked[1:])
    table.earned[walked[-1].fold.test] *= -1
    assert outcomes_of(table, walked).probability.tolist() == told.probability.tolist()


def test_calibration_brings_scores_to_the_chances_that_they_have() -> None:
    random = np.random.default_rng(1)
    scores = random.normal(0, 2, 4_000)
    ups = (random.random(4_000) < 1 / (1 + np.exp(-(0.5 * scores - 0.3)))).astype(np.float64)
    line = platt(scores, ups)
    assert line is not None
    assert line.slope == pytest.approx(0.5, abs=0.05)
    assert line.intercept == pytest.approx(-0.3, abs=0.1)
    assert float(calibrated(scores, line).mean()) == pytest.approx(float(ups.mean()), abs=1e-3)
    assert platt(-scores, ups) is None
    assert platt(np.zeros(10), ups[:10]) is None


def test_moves_within_the_band_are_not_trained_on_and_are_tried_on() -> None:
    wide = spec(label=LabelSpec(cost_bps=2.0, band_bps=100.0))
    found, all_of_them = train(wide, BARS), trained()
    assert len(found.tried) == len(all_of_them.tried)
    assert found.file != all_of_them.file


def test_where_nothing_is_learned_there_is_no_model() -> None:
    found = next(
        each for seed in range(20) if (each := train(spec(), {"AAA": random_walk(760, seed)})).file is None
    )
    assert found.metrics["auc"].value < 0.6
