"""Drift: what the detectors find, what they do not, and what is said of it."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import DataError
from engine.signals.statistics import (
    benjamini_hochberg,
    chi_squared,
    kolmogorov_smirnov,
    pelz_good,
    psi,
    wasserstein,
)
from engine.signals.statistics.adwin import Adwin
from engine.signals.statistics.drift_watch import DriftWatch
from engine.signals.statistics.errors_watch import ErrorsWatch
from engine.signals.statistics.information import pearson
from engine.signals.statistics.levels import Finding, Level, Verdict
from engine.signals.statistics.page_hinkley import PageHinkley
from engine.signals.statistics.pending import Pending
from engine.signals.statistics.quantiles import quantile
from engine.signals.statistics.reference import Reference
from engine.signals.statistics.rolling import Rolling
from tests.drift.days import SCENARIOS, play, quiet, reference

SAMPLES = st.lists(st.integers(-100, 100).map(float), min_size=1, max_size=30).map(sorted)


@pytest.mark.parametrize("scenario", SCENARIOS)
@pytest.mark.parametrize("seed", range(3))
def test_a_change_is_found_within_its_bars_on_its_own_side(scenario: str, seed: int) -> None:
    day = play(scenario, seed)
    assert day.delay is not None
    assert day.delay <= SCENARIOS[scenario].bars_max
    assert not day.false_alarm
    assert day.other < Level.ALARM


@pytest.mark.parametrize("memory", [0.0, 0.9], ids=["fresh-rows", "rows-that-remember"])
@pytest.mark.parametrize("seed", range(3))
def test_a_quiet_day_has_no_alarm(seed: int, memory: float) -> None:
    assert all(finding.level < Level.ALARM for finding in quiet(seed, memory))


@settings(max_examples=50)
@given(SAMPLES, SAMPLES)
def test_distances_of_samples_are_even_handed(first: list[float], second: list[float]) -> None:
    assert kolmogorov_smirnov.statistic(first, second) == kolmogorov_smirnov.statistic(second, first)
    assert kolmogorov_smirnov.statistic(first, first) == wasserstein.distance(first, first) == 0
    assert wasserstein.distance(first, [value + 1 for value in first]) == pytest.approx(1)


def test_the_two_ways_to_a_p_value_agree_where_they_meet() -> None:
    for distance in (0.06, 0.08, 0.1, 0.12):
        exact = kolmogorov_smirnov._two_sided_below(distance, 140)
        assert pelz_good.below(distance, 140) == pytest.approx(exact, abs=5e-6)
        assert kolmogorov_smirnov.p_value(distance, 280, 280) == pytest.approx(1 - exact, abs=5e-6)


def test_quantiles_of_chi_squared_are_the_published_ones() -> None:
    found = [round(chi_squared.quantile(0.99, degrees), 3) for degrees in (1, 2, 9, 30)]
    assert found == [6.635, 9.210, 21.666, 50.892]


def test_a_small_sample_is_not_judged_and_the_level_falls_with_size() -> None:
    assert psi.alarm_level(2000, 249, 10) is None
    small, large = psi.null_level(2000, 50, 10), psi.null_level(2000, 1000, 10)
    assert (round(small, 3), round(large, 3)) == (0.444, 0.032)
    assert psi.alarm_level(2000, 1000, 10) == psi.LEVEL_MIN
    assert psi.alarm_level(2000, 1000, 10, rows_a_fresh_one=19) == pytest.approx(19 * large)


def test_benjamini_and_hochbergs_own_example_has_four_discoveries() -> None:
    published = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262]
    published += [0.5719, 0.6528, 0.7590, 1.0]
    chances = {str(rank): chance for rank, chance in enumerate(published)}
    assert benjamini_hochberg.found(chances, 0.05) == {"0", "1", "2", "3"}


def test_a_steady_mean_is_no_change_and_memory_does_not_grow() -> None:
    random_, adwin, page_hinkley = random.Random(1), Adwin(), PageHinkley()
    values = [random_.gauss(0.25, 0.05) for _ in range(5000)]
    assert not any(adwin.update(value) or page_hinkley.update(value) for value in values)
    assert adwin.count == 5000
    assert sum(map(len, adwin._levels)) < 70


@pytest.mark.parametrize("value", [math.nan, math.inf], ids=["nan", "inf"])
def test_a_detector_refuses_what_is_no_number(value: float) -> None:
    for update in (Adwin().update, PageHinkley().update, DriftWatch(reference(0.0)).error):
        with pytest.raises(ValueError, match="was expected"):
            update(value)


NONSENSE: Mapping[str, Callable[[], object]] = {
    "adwin": lambda: Adwin(delta=0),
    "chi-squared": lambda: chi_squared.quantile(1.0, 9),
    "quantile": lambda: quantile([], 0.5),
    "statistic": lambda: kolmogorov_smirnov.statistic([], [1.0]),
    "distance": lambda: wasserstein.distance([1.0], []),
    "correlation": lambda: pearson([1.0], []),
    "window": lambda: Rolling(0),
    "horizon": lambda: Pending(0),
}


@pytest.mark.parametrize("nonsense", NONSENSE)
def test_what_can_not_be_worked_out_is_said(nonsense: str) -> None:
    with pytest.raises(ValueError, match=r"\w+ \w+"):
        NONSENSE[nonsense]()


def test_the_ends_of_a_distribution_are_its_ends() -> None:
    assert (kolmogorov_smirnov.p_value(0, 250, 250), kolmogorov_smirnov.p_value(1, 250, 250)) == (1.0, 0.0)
    assert (chi_squared.below(0, 3), pelz_good.below(0.001, 400), quantile([4.0], 0.3)) == (0.0, 0.0, 4.0)
    assert psi.index([0, 0], [1, 1]) is None


def test_drift_in_both_is_a_quarantine_and_each_keeps_its_reasons() -> None:
    verdict = Verdict(Finding(Level.ALARM, ("One.",)), Finding(Level.ALARM, ("Two.",)))
    assert (verdict.level, verdict.reason) == (Level.QUARANTINE, "One. Two.")
    assert Verdict(Finding(), Finding(Level.WATCH)).level is Level.WATCH


def test_a_row_of_other_features_is_refused_in_a_sentence() -> None:
    with pytest.raises(DataError, match=r"momentum, volatility, imbalance was expected, not price"):
        DriftWatch(reference(0.0)).row({"price": 1.0})


def test_many_rows_that_miss_something_are_an_alarm() -> None:
    watch, random_ = DriftWatch(reference(0.0)), random.Random(2)
    verdict = watch.verdict()
    for bar in range(300):
        value = None if bar % 4 == 0 else random_.gauss(0, 1)
        verdict = watch.row({"momentum": random_.gauss(0, 1), "volatility": value, "imbalance": 0.1})
    assert verdict.level >= Level.ALARM
    assert "25% of the rows miss a value." in verdict.reason


def test_rows_far_from_training_are_a_quarantine_after_one_window() -> None:
    watch, random_ = DriftWatch(reference(0.0)), random.Random(3)
    for _ in range(250):
        watch.row(dict.fromkeys(("momentum", "volatility", "imbalance"), 50 + random_.random()))
    assert watch.verdict().data.level is Level.QUARANTINE
    assert "outside what the model was trained on" in watch.verdict().reason


def test_a_reference_is_read_back_as_it_was_written() -> None:
    written = reference(0.9)
    assert Reference.from_json(written.to_json()) == written
    assert written.features["momentum"].rows_a_fresh_one > 10


BROKEN: Mapping[str, Callable[[Any], object]] = {
    "schema": lambda found: found.update(schema="reference/2"),
    "no-features": lambda found: found.update(features={}),
    "list": lambda found: found.update(features=[]),
    "field": lambda found: found["features"]["momentum"].update(more=1),
    "edges": lambda found: found["features"]["momentum"]["edges"].reverse(),
    "equal-edges": lambda found: found["features"]["momentum"].update(edges=[0.0] * 9),
    "counts": lambda found: found["features"]["momentum"]["counts"].pop(),
    "few": lambda found: found["features"]["momentum"].update(counts=[1] * 10),
    "truth": lambda found: found["features"]["momentum"].update(low=True),
    "huge": lambda found: found["features"]["momentum"].update(high=10**400),
    "sample": lambda found: found["features"]["momentum"].update(sample=[0.0] * 1001),
    "alike": lambda found: found["features"]["momentum"].update(rows_a_fresh_one=0.5),
}


@pytest.mark.parametrize("broken", BROKEN)
def test_a_reference_that_was_changed_is_refused_in_a_sentence(broken: str) -> None:
    found = json.loads(reference(0.0).to_json())
    BROKEN[broken](found)
    with pytest.raises(DataError):
        Reference.from_json(json.dumps(found))


@pytest.mark.parametrize(
    "text", ["", "[" * 100_000, "NaN", '{"a": 1}'], ids=["empty", "deep", "nan", "other"]
)
def test_what_is_no_reference_is_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(DataError, match="a reference"):
        Reference.from_json(text)


@pytest.mark.parametrize(
    "columns",
    [{}, {"a": [1.0] * 10}, {"a": [math.nan] * 300}, {"": [1.0] * 300}],
    ids=["none", "short", "nan", "nameless"],
)
def test_training_data_that_says_nothing_makes_no_reference(columns: dict[str, list[float]]) -> None:
    with pytest.raises(DataError):
        Reference.of(columns)


def test_a_feature_that_never_moves_is_watched_too() -> None:
    watch = DriftWatch(Reference.of({"flag": [1.0] * 300, "price": [float(row % 97) for row in range(300)]}))
    for row in range(250):
        watch.row({"flag": 1.0, "price": float(row % 97)})
    assert watch.verdict().data.level is Level.OK


def test_the_usual_level_is_passed_by_chance_in_four_of_ten_samples_of_a_hundred() -> None:
    feature, random_ = reference(0.0).features["momentum"], random.Random(4)
    samples = [[random_.gauss(0, 1) for _ in range(100)] for _ in range(300)]
    found = [psi.index(feature.counts, psi.counts(sample, feature.edges)) or 0.0 for sample in samples]
    assert 0.3 < sum(index > 0.1 for index in found) / 300 < 0.5
    assert sum(index > psi.null_level(2000, 100, 10) for index in found) / 300 < 0.05


def test_errors_that_fall_are_no_finding() -> None:
    watch = ErrorsWatch()
    for error in [0.4] * 500 + [0.1] * 500:
        watch.update(error)
    assert watch.finding() == Finding()


def test_rows_that_remember_do_not_look_like_another_distribution() -> None:
    found = [quiet(seed, 0.9)[0] for seed in range(6)]
    assert not [reason for finding in found for reason in finding.reasons if "Kolmogorov" in reason]
