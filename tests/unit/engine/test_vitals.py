from __future__ import annotations

from pathlib import Path

import pytest

from engine.frames.frame_builder import FrameBuilder
from engine.messages.views import HealthState, ViewRequest
from engine.model.order import OrderStatus
from engine.observe.latency import KEPT_NS, Latency
from engine.observe.order_counts import OrderCounts
from engine.readings.vitals import REJECTS_MAX, Vitals, _at_least, _duration, _lag, _step
from tests.engine_rooms import composed, passes


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0.0, 1), (0.4, 1), (1.0, 1), (1.01, 2), (3.0, 5), (5.1, 10), (12.0, 20), (34.0, 50), (51.0, 100)],
)
def test_a_lag_is_told_by_the_least_step_that_it_does_not_exceed(value: float, shown: float) -> None:
    assert _step(value) == shown


@pytest.mark.parametrize(
    ("seconds", "said"), [(5, "5 s"), (9, "5 s"), (59, "55 s"), (60, "1 min"), (185, "3 min")]
)
def test_silence_is_told_by_what_it_is_at_least(seconds: int, said: str) -> None:
    assert _at_least(seconds) == said


def test_a_lag_whose_digits_move_below_a_step_reads_the_same() -> None:
    readings = []
    for lag_ns in (100_000, 400_000, 900_000):
        latency = Latency(lambda: 0)
        latency.record(lag_ns)
        reading = _lag(latency, 10)()
        assert reading.number == lag_ns / 1e6
        readings.append((reading.state, reading.value, reading.detail))
    assert set(readings) == {(HealthState.OK, "≤ 1 ms p50", "≤ 1 ms p99")}


def test_a_slow_key_makes_amber_for_a_minute_not_for_ever() -> None:
    now_ns = 0
    latency = Latency(lambda: now_ns)
    read = _duration(latency, 16)
    assert (read().state, read().value) == (HealthState.OFF, "none yet")
    latency.record(40_000_000)
    assert read().state is HealthState.DEGRADED
    now_ns = KEPT_NS + 1
    assert (read().state, read().value) == (HealthState.OFF, "none lately")
    latency.record(2_000_000)
    assert (read().state, read().value) == (HealthState.OK, "2.0 ms p50")


def test_conflation_tells_a_screen_that_never_asked_from_one_that_stopped(tmp_path: Path) -> None:
    with composed(tmp_path, steady_is_own=True) as rooms:
        frames = FrameBuilder(rooms)
        vitals = Vitals(rooms, frames, OrderCounts(rooms.bus))
        passes(rooms, 1)
        assert (vitals._conflation().state, vitals._conflation().value) == (HealthState.OFF, "none yet")
        frames.build(ViewRequest(everything=True))
        passes(rooms, 1)
        assert vitals._conflation().value == "0 : 1"
        passes(rooms, 1)
        assert (vitals._conflation().state, vitals._conflation().value) == (
            HealthState.DEGRADED,
            "0 frames/s",
        )


def test_one_reject_is_no_trouble_and_more_within_a_minute_are_until_it_has_passed(tmp_path: Path) -> None:
    with composed(tmp_path, steady_is_own=True) as rooms:
        counts = OrderCounts(rooms.bus)
        vitals = Vitals(rooms, FrameBuilder(rooms), counts)
        counts.by_status[OrderStatus.REJECTED] = REJECTS_MAX
        assert vitals._orders().state is HealthState.OK
        counts.by_status[OrderStatus.REJECTED] += 1
        passes(rooms, 59)
        told = vitals._orders()
        assert told.state is HealthState.DEGRADED
        assert told.detail.startswith("the venue rejected 4 in the last minute · ")
        passes(rooms, 60)
        assert vitals._orders().state is HealthState.OK
