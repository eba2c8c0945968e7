"""Scores of predictions: windows, order and pairs, and predictions that wait."""

from __future__ import annotations

import math
import random
import statistics

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.signals.statistics import information, intervals
from engine.signals.statistics.hit_rate import Z_95, hit_rate
from engine.signals.statistics.losses import skill
from engine.signals.statistics.matured import Matured
from engine.signals.statistics.pending import Pending, Refusal, Why
from engine.signals.statistics.rolling import Rolling, score

CHANCES = st.floats(0, 1)
OUTCOMES = st.lists(
    st.builds(Matured, st.just(0), CHANCES, st.floats(-0.1, 0.1), CHANCES), min_size=1, max_size=40
)


@settings(max_examples=60)
@given(OUTCOMES, st.integers(1, 20))
def test_a_rolling_window_says_what_its_own_outcomes_say(outcomes: list[Matured], window: int) -> None:
    rolling = Rolling(window)
    for outcome in outcomes:
        rolling.add(outcome)
    assert rolling.scores() == score(outcomes[-window:])


@settings(max_examples=60)
@given(OUTCOMES, st.randoms(use_true_random=False))
def test_scores_do_not_depend_on_the_order(outcomes: list[Matured], random_: random.Random) -> None:
    mixed = random_.sample(outcomes, len(outcomes))
    one, other = score(outcomes), score(mixed)
    assert (one.brier, one.log_loss, one.auc, one.hit_rate, one.ece, one.calibration) == (
        other.brier,
        other.log_loss,
        other.auc,
        other.hit_rate,
        other.ece,
        other.calibration,
    )
    assert (one.ic is None) == (other.ic is None)
    assert one.ic is None or other.ic is None or math.isclose(one.ic, other.ic, abs_tol=1e-9)


@settings(max_examples=60)
@given(OUTCOMES)
def test_auc_counts_the_pairs(outcomes: list[Matured]) -> None:
    ups = [outcome.probability for outcome in outcomes if outcome.up]
    downs = [outcome.probability for outcome in outcomes if not outcome.up]
    pairs = [1.0 if up > down else 0.5 if up == down else 0.0 for up in ups for down in downs]
    assert score(outcomes).auc == (sum(pairs) / len(pairs) if pairs else None)


@settings(max_examples=60)
@given(st.lists(st.tuples(st.integers(-50, 50), st.integers(-50, 50)), min_size=3, max_size=30))
def test_a_rank_correlation_does_not_feel_a_rising_function(pairs: list[tuple[int, int]]) -> None:
    said, came = [float(pair[0]) for pair in pairs], [float(pair[1]) for pair in pairs]
    assert information.spearman([value**3 for value in said], came) == information.spearman(said, came)


@given(st.integers(1, 1000), st.data())
def test_wilsons_interval_holds_the_rate_and_stays_within_0_and_1(count: int, data: st.DataObject) -> None:
    found = hit_rate(data.draw(st.integers(0, count)), count)
    assert found is not None
    assert 0 <= found.low <= found.rate <= found.high <= 1


def test_wilsons_interval_is_the_published_one() -> None:
    found = hit_rate(8, 10)
    assert found is not None
    assert (round(found.low, 4), round(found.high, 4)) == (0.4902, 0.9433)


def test_nothing_is_known_of_no_outcomes() -> None:
    scores = score([])
    assert (scores.count, scores.hit_rate, scores.brier, scores.skill, scores.auc, scores.ic) == (
        0,
        *[None] * 5,
    )
    assert (scores.log_loss, scores.ece, scores.ic_t, scores.skill_in_window) == (None,) * 4
    assert skill(0.2, 0.0) is None


def test_overlapping_outcomes_count_for_less() -> None:
    alone, overlapping = information.t_value(0.1, 1000), information.t_value(0.1, 1000, horizon=10)
    assert alone is not None
    assert overlapping is not None
    assert overlapping == pytest.approx(alone * math.sqrt(98 / 998))


@pytest.mark.parametrize(
    "outcome",
    [Matured(0, 1.5, 0.0), Matured(0, math.nan, 0.0), Matured(0, 0.5, math.inf), Matured(0, 0.5, 0.0, -1.0)],
    ids=["probability", "no-number", "return", "base-rate"],
)
def test_an_outcome_that_can_not_be_scored_leaves_the_scores_alone(outcome: Matured) -> None:
    rolling = Rolling(10)
    with pytest.raises(ValueError, match="were expected"):
        rolling.add(outcome)
    assert rolling.scores().count == 0


def _refused(found: Matured | Refusal | None) -> Why:
    assert isinstance(found, Refusal)
    assert found.reason
    return found.why


def test_an_outcome_before_its_horizon_is_early_and_twice_is_double() -> None:
    pending = Pending(horizon=5)
    assert pending.predict(10, 0.7) is None
    assert _refused(pending.mature(10, 14, 0.01)) is Why.EARLY
    assert pending.pending_count == 1
    assert pending.mature(10, 15, 0.01) == Matured(10, 0.7, 0.01, 0.5)
    assert _refused(pending.mature(10, 15, 0.01)) is Why.DOUBLE
    assert pending.pending_count == 0


def test_an_outcome_after_its_time_is_late_and_one_of_nothing_is_unknown() -> None:
    pending = Pending(horizon=5, late_bars_max=2)
    pending.predict(10, 0.7)
    assert _refused(pending.mature(10, 18, 0.01)) is Why.LATE
    assert _refused(pending.mature(11, 16, 0.01)) is Why.UNKNOWN
    assert _refused(pending.mature(10, 17, math.nan)) is Why.MALFORMED
    assert pending.refused_count == 3


def test_a_prediction_is_taken_once_and_in_order() -> None:
    pending = Pending(horizon=1)
    pending.predict(10, 0.7)
    assert _refused(pending.predict(10, 0.7)) is Why.DOUBLE
    assert _refused(pending.predict(9, 0.7)) is Why.LATE
    assert _refused(pending.predict(11, 1.1)) is Why.MALFORMED
    assert pending.predict(11, None) is None
    assert pending.coverage == 0.5


def test_the_base_rate_is_that_of_outcomes_known_when_it_was_said() -> None:
    pending = Pending(horizon=2)
    pending.predict(0, 0.5)
    pending.predict(1, 0.5)
    pending.mature(0, 2, 0.01)
    pending.predict(2, 0.5)
    known = [pending.mature(1, 3, 0.01), pending.mature(2, 4, 0.01)]
    assert [found.base_rate for found in known if isinstance(found, Matured)] == [0.5, 2 / 3]


def test_predictions_without_an_outcome_lapse_and_the_book_stays_small() -> None:
    pending = Pending(horizon=3, late_bars_max=1)
    for bar in range(100):
        pending.predict(bar, 0.5)
    assert (pending.pending_count, pending.lapsed_count) == (5, 95)


def test_intervals_of_means_and_correlations_are_those_of_their_formulas() -> None:
    low, high = intervals.of_correlation(0.5, 28) or (0, 0)
    assert [low, high] == pytest.approx([0.156, 0.736], abs=0.001)
    values = [0.1, 0.2, 0.3, 0.4]
    low, high = intervals.of_mean(values, 4) or (0, 0)
    assert [low + high, high - low] == pytest.approx([0.5, Z_95 * 0.129099], abs=1e-6)
    wider = intervals.of_mean(values, 2) or (0, 0)
    assert wider[1] - wider[0] == pytest.approx((high - low) * 2**0.5)


def test_so_few_outcomes_have_no_interval() -> None:
    assert intervals.of_auc(0.5, 0.5, 9) is None
    assert intervals.of_correlation(0.5, 3) is None
    assert intervals.of_correlation(1.0, 30) is None
    assert intervals.of_mean([0.5], 1) is None


def test_the_interval_of_an_auc_is_as_wide_as_that_of_samples_it_holds_for() -> None:
    random_, found = random.Random(3), []
    for _ in range(300):
        ups = [random_.expovariate(1) for _ in range(30)]
        downs = [random_.expovariate(2) for _ in range(40)]
        found.append(sum(up > down for up in ups for down in downs) / 1_200)
    low, high = intervals.of_auc(2 / 3, 30, 40) or (0, 0)
    assert (high - low) / (2 * Z_95) == pytest.approx(statistics.stdev(found), rel=0.1)
