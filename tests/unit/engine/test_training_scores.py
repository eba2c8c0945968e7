"""Figures out of sample are those that live predictions are scored by, with intervals; what is too good is said to be."""

from __future__ import annotations

import numpy as np
import pytest

from engine.signals.registry.card import Metric
from engine.signals.statistics.matured import Matured
from engine.signals.statistics.rolling import Rolling
from engine.signals.training.scoring import Outcomes, auc_of, metrics_of
from engine.signals.training.suspicion import predicts_nothing, rotated, telling_features, too_good
from engine.signals.training.table import Numbers, Table
from tests.training_bench import DAY_NS


def outcomes(count: int, seed: int, told: float = 0.0) -> Outcomes:
    """Return predictions of which a share is told by what came."""
    random = np.random.default_rng(seed)
    earned = random.normal(0, 0.01, count)
    raw = 0.5 + random.normal(0, 0.05, count) + told * earned * 10
    probability: Numbers = np.array([round(float(each), 2) for each in raw])
    return Outcomes(probability, earned, np.full(count, 0.5), np.arange(count, dtype=np.int64) * DAY_NS)


def test_figures_are_those_of_live_predictions_to_the_last_digits() -> None:
    found = outcomes(400, 1, told=0.2)
    metrics = metrics_of(found, 1, 3.0, seed=1)
    live = Rolling(400)
    for number, (probability, earned) in enumerate(
        zip(found.probability.tolist(), found.earned.tolist(), strict=True)
    ):
        live.add(Matured(number, probability, earned, 0.5))
    scores = live.scores()
    assert metrics["auc"].value == scores.auc
    assert metrics["ic"].value == pytest.approx(scores.ic)
    assert metrics["brier"].value == pytest.approx(scores.brier)
    assert metrics["brier_skill"].value == pytest.approx(scores.skill)
    assert scores.hit_rate is not None
    assert metrics["hit_rate"].value == pytest.approx(scores.hit_rate.rate)
    assert metrics["net_bps"].value == pytest.approx(metrics["gross_bps"].value - 3.0)
    assert auc_of(found.probability, found.ups) == pytest.approx(metrics["auc"].value)


def test_intervals_of_chance_hold_chance_about_as_often_as_they_say() -> None:
    held = 0
    for seed in range(20):
        auc = metrics_of(outcomes(200, seed), 1, 0.0, seed)["auc"]
        assert auc.low <= auc.value <= auc.high
        held += auc.low <= 0.5 <= auc.high
    assert 16 <= held <= 20, held


def test_outcomes_of_the_same_days_are_no_more_than_one() -> None:
    one = outcomes(300, 3)
    often = Outcomes(
        np.repeat(one.probability, 5),
        np.repeat(one.earned, 5),
        np.repeat(one.base, 5),
        np.repeat(one.event_ns, 5),
    )
    narrow, wide = (metrics_of(each, 1, 0.0, 1)["hit_rate"] for each in (one, often))
    assert wide.high - wide.low == pytest.approx(narrow.high - narrow.low)


def test_figures_that_are_too_good_are_suspicious() -> None:
    def metric(value: float) -> Metric:
        return Metric(value=value, low=value, high=value)

    assert not list(too_good({"auc": metric(0.58), "ic": metric(-0.1), "brier": metric(0.9)}))
    found = list(too_good({"auc": metric(0.61), "ic": metric(-0.12)}))
    assert [each[:28] for each in found] == ["suspicious score: auc 0.610 ", "suspicious score: ic -0.120 "]


def test_a_feature_that_tells_too_much_alone_is_named() -> None:
    random = np.random.default_rng(1)
    earned = random.normal(0, 0.01, 2_000)
    values = np.stack([random.normal(0, 1, 2_000), earned + random.normal(0, 0.02, 2_000)], axis=1)
    days = np.arange(2_000, dtype=np.int64)
    table = Table(values, days, days, days + 1, earned, np.zeros(2_000, dtype=np.int64), ["AAA"], {})
    (found,) = telling_features(table, ("noise", "copy"), 1)
    assert found.startswith("suspicious feature: copy alone has an IC of +0.4")


def test_labels_are_moved_within_their_symbol_and_far() -> None:
    days = np.repeat(np.arange(100, dtype=np.int64), 2)
    symbol = np.tile(np.arange(2, dtype=np.int64), 100)
    earned = days + 1_000.0 * symbol
    table = Table(np.zeros((200, 1)), days, days, days + 1, earned, symbol, ["AAA", "BBB"], {})
    moved = rotated(table, np.random.default_rng(1))
    for one in (0, 1):
        before, after = earned[symbol == one], moved[symbol == one]
        step = int((after[0] - before[0]) % 100)
        assert 25 <= step <= 75
        assert after.tolist() == np.roll(before, -step).tolist()


def test_moved_labels_that_are_predicted_are_a_leak_and_chance_is_none() -> None:
    assert not predicts_nothing([0.51, 0.49, 0.505, 0.497])
    assert not predicts_nothing([0.60, 0.48, 0.57, 0.49])
    found = predicts_nothing([0.54, 0.55, 0.56, 0.55])
    assert (
        found
        == "permutation: labels moved in time are predicted with an AUC of 0.550, where chance has 0.500"
    )
