"""What is due when: by market time, by count, or at once."""

from __future__ import annotations

import pytest

from engine.adapters.replay.pacing import GAP_KEPT_NS, GAP_MAX_NS, Pacing
from engine.clock import NS_PER_S
from engine.errors import InvalidValue

MARKET = 1_000 * NS_PER_S
TIMES = [MARKET + n * NS_PER_S for n in range(5)]


def _pacing(speed: float = 1.0, events_per_s: float | None = None) -> Pacing:
    pacing = Pacing(speed, events_per_s)
    pacing.anchor(0, MARKET)
    return pacing


def test_market_time_passes_at_the_speed() -> None:
    assert _pacing(1).due(TIMES, 0, 2 * NS_PER_S) == 3
    assert _pacing(10).due(TIMES, 0, 2 * NS_PER_S // 10) == 3
    assert _pacing(0.5).due(TIMES, 1, 2 * NS_PER_S) == 2


def test_at_speed_zero_everything_is_due() -> None:
    assert _pacing(0).due(TIMES, 1, 0) == 5
    assert _pacing(0).wait_s(TIMES[4], 0) == 0


def test_the_wait_is_to_the_moment_the_event_is_due() -> None:
    assert _pacing(10).wait_s(TIMES[4], NS_PER_S // 10) == pytest.approx(0.3)
    assert _pacing(1).wait_s(TIMES[0], NS_PER_S) == 0


def test_a_pace_by_count_does_not_look_at_market_time() -> None:
    pacing = _pacing(1, 2.0)
    assert pacing.due(TIMES, 0, NS_PER_S) == 2
    pacing.counted(2)
    assert pacing.due(TIMES, 2, NS_PER_S) == 2
    assert pacing.wait_s(TIMES[2], NS_PER_S) == pytest.approx(0.5)


def test_changing_the_speed_ends_a_pace_by_count() -> None:
    pacing = _pacing(1, 2.0)
    pacing.set_speed(4)
    assert (pacing.speed, pacing.events_per_s) == (4, None)


def test_a_long_gap_is_shortened_and_a_short_one_is_not() -> None:
    pacing = _pacing(1)
    pacing.skip_gap(MARKET + GAP_MAX_NS, 0)
    assert pacing.market_ns(0) == MARKET
    pacing.skip_gap(MARKET + GAP_MAX_NS + 1, 0)
    assert pacing.market_ns(0) == MARKET + GAP_MAX_NS + 1 - GAP_KEPT_NS


@pytest.mark.parametrize("speed", [-1.0, float("nan"), float("inf")])
def test_a_speed_that_is_none_is_refused(speed: float) -> None:
    with pytest.raises(InvalidValue, match="speed"):
        Pacing(speed, None)
    with pytest.raises(InvalidValue, match="speed"):
        _pacing().set_speed(speed)
