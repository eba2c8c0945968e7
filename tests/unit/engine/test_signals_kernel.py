"""What the kernel does with bars that are late, wrong, far apart or restated."""

from __future__ import annotations

import msgspec
import pytest

from engine.errors import InvalidValue
from engine.model.bar import Bar
from engine.model.instrument import Symbol
from engine.signals.features.kernel import Kernel, replayed
from engine.signals.features.sets import feature_set
from engine.signals.features.vector import Features, FeatureVector, Flag, Missing
from tests.bar_makers import MINUTE_NS, SYMBOL, bar, walk

SET = feature_set("bars-12", MINUTE_NS)
WARM = 21


def _bars(count: int = WARM) -> list[Bar]:
    return walk([(1, (-1) ** place * (5 + place % 7), 3, 2, 10 + place % 5) for place in range(count)])


def _fed(bars: list[Bar]) -> Kernel:
    kernel = Kernel(SET, SYMBOL)
    for each in bars:
        kernel.update(each, 0)
    return kernel


def _later(one: Bar, steps: int) -> Bar:
    return msgspec.structs.replace(one, start_ns=one.start_ns + steps * MINUTE_NS)


def _reasons(told: Features) -> tuple[str, ...]:
    assert isinstance(told, Missing)
    return told.reasons


def test_it_says_how_far_it_has_warmed_up() -> None:
    told = replayed(SET, _bars())
    assert _reasons(told[0]) == ("warming up: 1 of 21 bars",)
    assert _reasons(told[19]) == ("warming up: 20 of 21 bars",)
    assert [each.warm_up for each in told] == [*range(1, 22)]
    assert isinstance(told[20], FeatureVector)


def test_a_vector_is_never_available_before_its_bar_has_ended() -> None:
    bars = _bars()
    kernel = _fed(bars[:-1])
    told = kernel.update(bars[-1], bars[-1].start_ns)
    assert told.event_ns == told.available_ns == bars[-1].start_ns + MINUTE_NS
    late = _fed(bars[:-1]).update(bars[-1], told.event_ns + 7)
    assert (late.event_ns, late.available_ns) == (told.event_ns, told.event_ns + 7)


def test_a_bar_that_still_forms_is_left_out() -> None:
    bars = _bars(WARM + 1)
    kernel = _fed(bars[:-1])
    forming = msgspec.structs.replace(bars[-1], closed=False, high=10**6)
    assert _reasons(kernel.update(forming, 0)) == ("the bar is not closed",)
    assert kernel.update(bars[-1], 0) == _fed(bars[:-1]).update(bars[-1], 0)


@pytest.mark.parametrize("back", [0, 1, 7], ids=["the-same", "the-one-before", "long-past"])
def test_a_bar_out_of_order_is_left_out_and_changes_nothing(back: int) -> None:
    bars = _bars(WARM + 1)
    kernel = _fed(bars[:-1])
    late = msgspec.structs.replace(bars[-2 - back], close=bars[-2 - back].open)
    assert _reasons(kernel.update(late, 0)) == ("the bar is not later than the one before",)
    assert kernel.update(bars[-1], 0) == _fed(bars[:-1]).update(bars[-1], 0)


@pytest.mark.parametrize(
    ("prices", "volume", "reason"),
    [
        ((0, 10, 0, 5), 1, "a price is not positive"),
        ((100, 99, 90, 95), 1, "the high is below the open or the close"),
        ((100, 110, 101, 105), 1, "the low is above the open or the close"),
        ((100, 110, 90, 105), -1, "the volume is negative"),
    ],
    ids=["zero", "high", "low", "volume"],
)
def test_nothing_is_worked_out_across_a_bar_that_can_not_be(
    prices: tuple[int, int, int, int], volume: int, reason: str
) -> None:
    bars = _bars(2 * WARM)
    kernel = _fed(bars[:WARM])
    found = kernel.update(bar(WARM, prices, volume), 0)
    assert _reasons(found) == (reason, "what came before it is left out: 0 of 21 bars")
    after = [kernel.update(_later(each, 1), 0) for each in bars[WARM:]]
    assert [isinstance(each, Missing) for each in after] == [True] * (WARM - 1) + [False]


def test_a_gap_is_flagged_until_it_has_left_the_window() -> None:
    bars = _bars(3 * WARM)
    apart = bars[:WARM] + [_later(each, 30) for each in bars[WARM:]]
    flags = [each.flags for each in replayed(SET, apart) if isinstance(each, FeatureVector)]
    assert flags == [()] + [(Flag.GAP,)] * (WARM - 1) + [()] * (WARM + 1)


@pytest.mark.parametrize("factor", [2, 7], ids=["2-for-1", "7-for-1"])
def test_a_split_is_flagged_until_it_has_left_the_window(factor: int) -> None:
    bars = [
        bar(place, (9000 + place % 2, 9005, 8995, 9000 + place % 2), 9 + place % 3)
        for place in range(3 * WARM)
    ]
    halved = [
        bar(WARM + place, (9000 // factor + place % 2, 5000, 1000, 9000 // factor + place % 2), 9 + place % 3)
        for place in range(2 * WARM)
    ]
    flags = [each.flags for each in replayed(SET, bars[:WARM] + halved) if isinstance(each, FeatureVector)]
    assert flags[0] == ()
    assert flags[1:WARM] == [(Flag.SPLIT_LIKE,)] * (WARM - 1)
    assert flags[WARM:] == [()] * (len(flags) - WARM)


def test_a_bar_without_volume_is_taken_and_flagged() -> None:
    bars = _bars(WARM + 1)
    bars[-1] = msgspec.structs.replace(bars[-1], volume=0)
    told = replayed(SET, bars)[-1]
    assert isinstance(told, FeatureVector)
    assert told.flags == (Flag.NO_VOLUME,)


def test_bars_without_any_volume_have_prices_alone() -> None:
    bars = [msgspec.structs.replace(each, volume=0) for each in _bars()]
    assert _reasons(replayed(SET, bars)[-1]) == (
        "volume_z_20: the volumes of 20 bars are all the same, or none",
    )
    assert isinstance(replayed(feature_set("prices-11", MINUTE_NS), bars)[-1], FeatureVector)


def test_a_bar_of_another_symbol_or_length_is_a_fault_of_the_caller() -> None:
    kernel = Kernel(SET, SYMBOL)
    with pytest.raises(InvalidValue, match="found one of OTHER"):
        kernel.update(bar(0, symbol=Symbol("OTHER")), 0)
    with pytest.raises(InvalidValue, match="of 1 ns"):
        kernel.update(msgspec.structs.replace(bar(0), interval_ns=1), 0)
