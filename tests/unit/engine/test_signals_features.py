"""What holds of every feature set over any bars."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import ConfigError
from engine.model.bar import Bar
from engine.signals.features.feature_set import BarSpec, FeatureSet
from engine.signals.features.kernel import replayed
from engine.signals.features.sets import SETS, feature_set
from engine.signals.features.vector import Features, FeatureVector
from tests.bar_makers import MINUTE_NS, bar, walk, walks
from tests.feature_peer import WINDOW, columns, recomputed

TWELVE = feature_set("bars-12", MINUTE_NS)
ELEVEN = feature_set("prices-11", MINUTE_NS)
Works = Callable[[Sequence[Bar]], list[bytes]]
EXAMPLES = settings(max_examples=40, deadline=None)


def _seeded(count: int, first: int = 10_000) -> list[Bar]:
    random = Random(7)
    draw = random.randint
    steps = [(draw(-9, 9), draw(-40, 40), draw(1, 9), draw(1, 9), draw(1, 900)) for _ in range(count)]
    return walk(steps, first)


def _bits(features: Features) -> bytes:
    """Return everything that was said, values as the bits they are."""
    return msgspec.json.encode(features)


def test_every_value_is_what_numpy_makes_of_its_window() -> None:
    bars = _seeded(300)
    window = columns(bars)
    vectors = replayed(TWELVE, bars)
    for place in range(WINDOW - 1, len(bars)):
        vector = vectors[place]
        assert isinstance(vector, FeatureVector)
        expected = recomputed(window[:, place + 1 - WINDOW : place + 1])
        np.testing.assert_allclose(vector.values, expected, rtol=1e-9, atol=1e-9)


def _kernel(bars: Sequence[Bar]) -> list[bytes]:
    return [_bits(each) for each in replayed(TWELVE, bars)]


def _shifted(bars: Sequence[Bar]) -> list[bytes]:
    """Return what each bar's successor is: the mistake of a column that was shifted the wrong way."""
    return [*_kernel(bars)[1:], b""]


def _scaled(bars: Sequence[Bar]) -> list[bytes]:
    """Return closes over the greatest of all: the mistake of a scaler that saw the whole history."""
    greatest = max(bar.close for bar in bars)
    return [str(bar.close / greatest).encode() for bar in bars]


def _is_the_same_without_what_follows(told_of: Works, bars: Sequence[Bar]) -> bool:
    whole = told_of(bars)
    return all(told_of(bars[:end])[-1] == whole[end - 1] for end in range(1, len(bars) + 1))


def _is_the_same_with_another_future(
    told_of: Works, bars: Sequence[Bar], others: Sequence[Bar], at: int
) -> bool:
    return told_of([*bars[:at], *others[at:]])[:at] == told_of(bars)[:at]


@EXAMPLES
@given(walks())
def test_what_is_said_of_a_bar_is_the_same_with_and_without_what_follows(bars: list[Bar]) -> None:
    assert _is_the_same_without_what_follows(_kernel, bars)


@EXAMPLES
@given(walks(), walks(), st.data())
def test_another_future_changes_nothing_of_the_past(
    bars: list[Bar], others: list[Bar], data: st.DataObject
) -> None:
    at = data.draw(st.integers(1, min(len(bars), len(others))))
    assert _is_the_same_with_another_future(_kernel, bars, others, at)


@pytest.mark.parametrize("leaking", [_shifted, _scaled], ids=["shifted", "scaled"])
def test_both_proofs_find_what_leaks(leaking: Works) -> None:
    bars, others = _seeded(60), _seeded(60, first=30_000)
    assert not _is_the_same_without_what_follows(leaking, bars)
    assert not _is_the_same_with_another_future(leaking, bars, others, 40)


@EXAMPLES
@given(walks(), st.data())
def test_a_later_start_says_the_same_once_it_is_warm(bars: list[Bar], data: st.DataObject) -> None:
    late = data.draw(st.integers(1, len(bars) - TWELVE.warm_up))
    whole, part = replayed(TWELVE, bars), replayed(TWELVE, bars[late:])
    warm = TWELVE.warm_up - 1
    assert list(map(_bits, part[warm:])) == list(map(_bits, whole[late + warm :]))


@EXAMPLES
@given(walks(), st.sampled_from([10, 1000, 10**6]), st.sampled_from([10, 10**8]))
def test_values_do_not_depend_on_the_units_that_are_counted_in(
    bars: list[Bar], price_scale: int, size_scale: int
) -> None:
    finer = [
        msgspec.structs.replace(
            each,
            **{edge: getattr(each, edge) * price_scale for edge in ("open", "high", "low", "close")},
            volume=each.volume * size_scale,
        )
        for each in bars
    ]
    assert list(map(_bits, replayed(TWELVE, finer))) == list(map(_bits, replayed(TWELVE, bars)))


@EXAMPLES
@given(walks())
def test_there_are_either_all_values_or_reasons(bars: list[Bar]) -> None:
    for told in replayed(TWELVE, bars):
        if isinstance(told, FeatureVector):
            assert len(told.values) == len(TWELVE.names)
            assert np.isfinite(told.values).all()
        else:
            assert told.reasons
            assert all(told.reasons)


def test_an_id_is_of_names_order_parameters_and_bars() -> None:
    first, second, *rest = SETS["bars-12"]
    turned = FeatureSet("bars-12", (second, first, *rest), BarSpec(MINUTE_NS))
    ids = {
        TWELVE.id,
        ELEVEN.id,
        feature_set("bars-12", 2 * MINUTE_NS).id,
        turned.id,
    }
    assert len(ids) == 4
    assert FeatureSet("by another name", SETS["bars-12"], BarSpec(MINUTE_NS)).id == TWELVE.id


def test_the_ids_of_the_sets_are_those_that_models_were_made_for() -> None:
    assert (TWELVE.id, ELEVEN.id) == ("6b484e0d8a6dc65e", "62324f5b7d60fe3c")


@pytest.mark.parametrize("name", SETS)
def test_a_set_is_warm_when_each_of_its_features_is(name: str) -> None:
    one = feature_set(name, MINUTE_NS)
    assert one.warm_up == WINDOW
    for feature in one.features:
        assert feature.warm_up <= one.warm_up
        assert feature.unit
        assert feature.reads


def test_an_unknown_set_and_bars_without_a_length_are_refused_in_a_sentence() -> None:
    with pytest.raises(ConfigError, match="there is no feature set 'x'; there are bars-12, prices-11"):
        feature_set("x", MINUTE_NS)
    with pytest.raises(ConfigError, match="expected bars of a length of time"):
        feature_set("bars-12", 0)


def test_bars_that_stand_still_have_no_values_and_say_so() -> None:
    told = replayed(TWELVE, [bar(place, (1000, 1000, 1000, 1000), 10) for place in range(21)])[-1]
    assert not isinstance(told, FeatureVector)
    assert len(told.reasons) == len(TWELVE.names)
    assert "close_location: high and low are the same" in told.reasons
