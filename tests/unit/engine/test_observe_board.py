from __future__ import annotations

import gc
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.clock import NS_PER_S
from engine.messages.views import HealthState
from engine.observe.health import HISTORY, HealthBoard, Reading
from engine.observe.latency import KEPT_NS, WINDOW, Latency
from engine.observe.process import CollectorPauses, resident_bytes
from engine.observe.rate import Rate, SteadyRate

durations = st.lists(st.integers(0, 10**12), min_size=1, max_size=2 * WINDOW + 7)


def filled(values: list[int]) -> Latency:
    latency = Latency(lambda: 0)
    for value in values:
        latency.record(value)
    return latency


@settings(deadline=None, max_examples=60)
@given(durations, st.floats(0, 1))
def test_a_quantile_is_the_shortest_duration_that_the_fraction_does_not_exceed(
    values: list[int], fraction: float
) -> None:
    (found,) = filled(values).quantiles(fraction)
    window = values[-WINDOW:]
    assert found in window
    assert sum(value <= found for value in window) >= fraction * len(window)
    shorter = [value for value in window if value < found]
    assert not shorter or len(shorter) < fraction * len(window)


@settings(deadline=None, max_examples=30)
@given(durations)
def test_count_and_total_are_of_everything_there_ever_was(values: list[int]) -> None:
    latency = filled(values)
    assert (latency.count, latency.total_ns) == (len(values), sum(values))
    ordered = latency.quantiles(0, 0.25, 0.5, 0.9, 1)
    assert all(lower <= upper for lower, upper in pairwise(ordered))
    assert ordered[-1] == max(values[-WINDOW:])


def test_the_median_of_two_durations_is_the_shorter() -> None:
    assert filled([7, 3]).quantiles(0.5, 0.51) == (3, 7)


def test_no_duration_has_no_length() -> None:
    assert Latency(lambda: 0).quantiles(0.5, 0.99) == (0, 0)


def test_what_was_slow_is_forgotten_after_a_minute() -> None:
    now_ns = 0
    latency = Latency(lambda: now_ns)
    latency.record(90)
    now_ns = KEPT_NS // 2
    latency.record(1)
    assert (latency.recent, latency.quantiles(0.99)) == (2, (90,))
    now_ns = KEPT_NS + 1
    assert (latency.recent, latency.quantiles(0.99)) == (1, (1,))
    now_ns = 2 * KEPT_NS
    assert (latency.recent, latency.count, latency.quantiles(0.99)) == (0, 2, (0,))


def test_a_row_is_off_until_it_was_asked() -> None:
    board = HealthBoard()
    board.register("feed", "feed", lambda: Reading(HealthState.OK, "fine"))
    assert board.reading("feed").state is HealthState.OFF
    assert board.views == ()


def test_the_rows_are_the_same_tuple_until_one_of_them_differs() -> None:
    board, number = HealthBoard(), [4.0]
    board.register("feed", "Feed", lambda: Reading(HealthState.DOWN, "silent", "nothing for 9 s", number[0]))
    board.sample()
    views = board.views
    (row,) = views
    assert (row.name, row.label, row.state, row.value) == ("feed", "Feed", HealthState.DOWN, "silent")
    assert (row.detail, row.history) == ("nothing for 9 s", (4.0,))
    assert board.views is views
    number[0] = 5.0
    board.sample()
    assert board.views is not views


def test_while_the_market_is_held_the_course_stands_and_what_is_the_same_is_no_news() -> None:
    board, numbers = HealthBoard(), iter((1.0, 2.0, 3.0, 4.0))
    texts = iter(("fine", "fine", "fine", "late"))
    board.register("lag", "lag", lambda: Reading(HealthState.OK, next(texts), number=next(numbers)))
    board.sample()
    first = board.views
    board.stands = lambda: True
    board.sample()
    assert board.views is first
    assert board.reading("lag").number == 2.0
    board.stands = lambda: False
    board.sample()
    assert board.views[0].history == (1.0, 3.0)
    board.stands = lambda: True
    board.sample()
    assert (board.views[0].value, board.views[0].history) == ("late", (1.0, 3.0))


def test_a_row_says_since_when_and_what_was_wrong_last() -> None:
    board, now = HealthBoard(), [100]
    board.now_ns = lambda: now[0]
    readings = iter(
        (
            Reading(HealthState.OK, "fine"),
            Reading(HealthState.DOWN, "full", "the disk is full"),
            Reading(HealthState.DOWN, "full", "for 2 s"),
            Reading(HealthState.OK, "fine"),
        )
    )
    board.register("journal", "journal", lambda: next(readings))
    told = []
    for now[0] in (100, 200, 300, 400):
        board.sample()
        (row,) = board.views
        told.append((row.since_ns, row.trouble, row.trouble_ns))
    assert told == [
        (100, "", 0),
        (200, "full · the disk is full", 200),
        (200, "full · for 2 s", 200),
        (400, "full · for 2 s", 200),
    ]


def test_a_row_remembers_the_last_minute() -> None:
    board, numbers = HealthBoard(), iter(range(HISTORY + 5))
    board.register("queues", "queues", lambda: Reading(HealthState.OK, "", number=float(next(numbers))))
    for _ in range(HISTORY + 5):
        board.sample()
    assert board.views[0].history == tuple(float(n) for n in range(5, HISTORY + 5))


def test_a_steady_rate_is_of_whole_stretches_and_begins_anew_when_told() -> None:
    now = [0]
    rate = SteadyRate(lambda: now[0], 2 * NS_PER_S)
    rate.begin(1_000)
    now[0] = NS_PER_S
    assert rate.read(1_900) == 0
    now[0] = 2 * NS_PER_S
    assert rate.read(1_600) == 300
    now[0] = 3 * NS_PER_S
    assert rate.read(9_999) == 300
    rate.begin(50)
    assert rate.read(70) == 0
    now[0] = 6 * NS_PER_S
    assert rate.read(80) == 10


def test_a_rate_is_growth_over_the_time_between() -> None:
    now = [0]
    rate = Rate(lambda: now[0])
    now[0] = 2 * NS_PER_S
    assert rate.per_second(100) == pytest.approx(50)
    now[0] = 3 * NS_PER_S
    assert rate.per_second(130) == pytest.approx(30)
    assert rate.per_second(999) == pytest.approx(30)


def test_a_count_that_was_set_back_is_no_negative_rate() -> None:
    now = [0]
    rate = Rate(lambda: now[0])
    now[0] = NS_PER_S
    rate.per_second(100)
    now[0] = 2 * NS_PER_S
    assert rate.per_second(4) == 0.0
    now[0] = 3 * NS_PER_S
    assert rate.per_second(10) == pytest.approx(6)


def test_the_process_holds_at_least_what_was_just_allocated() -> None:
    before = resident_bytes()
    block = bytearray(b"x") * 64_000_000
    assert resident_bytes() - before > 32_000_000
    assert len(block) == 64_000_000


def test_pauses_of_the_collector_are_measured_until_it_is_left_alone() -> None:
    ticks = iter(range(0, 1_000_000, 5))
    pauses = CollectorPauses(lambda: next(ticks))
    pauses.watch()
    try:
        gc.collect()
    finally:
        pauses.leave()
    seen = pauses.collections
    assert seen >= 1
    assert pauses.total_ns == 5 * seen
    assert pauses.take_longest() == 5
    assert pauses.take_longest() == 0
    gc.collect()
    assert pauses.collections == seen
    pauses.leave()
