"""Leaks that are planted are found, each by the test that is for it; what works features out has none."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.model.bar import Bar
from engine.signals.features.kernel import replayed
from engine.signals.features.vector import Features, FeatureVector
from engine.signals.training.labels import SPLIT, UNKNOWN_YET, Forward, Label, MakeLabels, forwards
from engine.signals.training.leaks import leaks_in_rows
from engine.signals.training.table import MakeFeatures, Recipe
from tests.training_bench import RECIPE, SET, random_walk


def told(recipe: Recipe, bars: Sequence[Bar] | None = None) -> list[str]:
    return list(leaks_in_rows(bars or random_walk(160, 1), recipe, 2, SET.warm_up, seed=1))


def with_last(found: Sequence[Features], values: Sequence[float]) -> list[Features]:
    """Put a value in place of the last feature of each row."""
    return [
        msgspec.structs.replace(each, values=(*each.values[:-1], value))
        if isinstance(each, FeatureVector)
        else each
        for each, value in zip(found, values, strict=True)
    ]


def tomorrow(bars: Sequence[Bar]) -> list[Features]:
    closes = [bar.close for bar in bars]
    return with_last(replayed(SET, bars), [float(each) for each in (*closes[1:], closes[-1])])


def centred(bars: Sequence[Bar]) -> list[Features]:
    closes = [bar.close for bar in bars]
    means = [
        sum(closes[max(0, at - 2) : at + 3]) / len(closes[max(0, at - 2) : at + 3]) for at in range(len(bars))
    ]
    return with_last(replayed(SET, bars), means)


def over_the_whole_frame(bars: Sequence[Bar]) -> list[Features]:
    low, high = min(bar.low for bar in bars), max(bar.high for bar in bars)
    return with_last(replayed(SET, bars), [(bar.close - low) / (high - low) for bar in bars])


def week_joined_on_its_beginning(bars: Sequence[Bar]) -> list[Features]:
    weekly = [float(bars[min(len(bars) - 1, at // 5 * 5 + 4)].close) for at in range(len(bars))]
    return with_last(replayed(SET, bars), weekly)


def filled_backwards(bars: Sequence[Bar]) -> list[Features]:
    known = [float(bar.volume) if bar.volume % 2 else None for bar in bars]
    for at in range(len(known) - 2, -1, -1):
        known[at] = known[at] if known[at] is not None else known[at + 1]
    return with_last(replayed(SET, bars), [each if each is not None else 0.0 for each in known])


@pytest.mark.parametrize(
    "leak", [tomorrow, centred, over_the_whole_frame, week_joined_on_its_beginning, filled_backwards]
)
def test_a_feature_that_knows_the_future_is_found_by_truncation_and_by_perturbation(
    leak: MakeFeatures,
) -> None:
    found = told(RECIPE._replace(features=leak))
    assert any(each.startswith("truncation: ") for each in found), found
    assert any(each.startswith("future perturbation: ") for each in found), found


def test_a_feature_that_depends_on_where_the_data_begins_is_found() -> None:
    def since_the_beginning(bars: Sequence[Bar]) -> list[Features]:
        return with_last(replayed(SET, bars), [bar.close / bars[0].close for bar in bars])

    found = told(RECIPE._replace(features=since_the_beginning))
    assert [each.split(":")[0] for each in found] == ["start offset"]


def close_to_close(bars: Sequence[Bar], horizon: int) -> list[Label]:
    """Buy at the close that the features are made of."""
    return [
        Forward(bar.start_ns + bar.interval_ns, later.start_ns, later.close / bar.close - 1)
        for bar, later in zip(bars, bars[horizon:], strict=False)
    ] + [UNKNOWN_YET] * min(horizon, len(bars))


def bought_at_the_open_of_its_own_bar(bars: Sequence[Bar], horizon: int) -> list[Label]:
    return [
        Forward(bar.start_ns, later.start_ns, later.open / bar.open - 1)
        for bar, later in zip(bars, bars[horizon:], strict=False)
    ] + [UNKNOWN_YET] * min(horizon, len(bars))


@pytest.mark.parametrize(
    ("labels", "said"),
    [
        (close_to_close, "changes with that bar itself"),
        (bought_at_the_open_of_its_own_bar, "before that bar has ended"),
    ],
    ids=["close-to-close", "own-open"],
)
def test_a_label_that_can_not_be_traded_is_found(labels: MakeLabels, said: str) -> None:
    (found,) = told(RECIPE._replace(labels=labels))
    assert found.startswith("label: ")
    assert said in found


@settings(max_examples=5, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 6), st.integers(50, 80))
def test_no_leak_is_found_in_what_works_features_and_labels_out(seed: int, horizon: int, count: int) -> None:
    assert not list(leaks_in_rows(random_walk(count, seed), RECIPE, horizon, SET.warm_up, seed))


def test_a_label_is_bought_at_the_next_open_and_sold_a_horizon_later() -> None:
    bars = random_walk(30, 2)
    labels = forwards(bars, 3)
    first = labels[0]
    assert isinstance(first, Forward)
    assert first == (bars[1].start_ns, bars[4].start_ns, bars[4].open / bars[1].open - 1)
    assert labels[-4:] == [UNKNOWN_YET] * 4
    assert all(isinstance(each, Forward) for each in labels[:-4])


def test_what_a_split_moves_is_nothing_earned() -> None:
    bars = random_walk(30, 2)
    halved = [
        msgspec.structs.replace(
            bar, open=bar.open // 2, high=bar.high // 2, low=bar.low // 2, close=bar.close // 2
        )
        if place >= 15
        else bar
        for place, bar in enumerate(bars)
    ]
    spoiled = [place for place, label in enumerate(forwards(halved, 2)) if label == SPLIT]
    assert spoiled == [12, 13, 14]
